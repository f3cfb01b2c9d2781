import { type Sandbox, SANDBOX_ACCOUNT } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { retryRun } from './harness/resume.cts';
import type { TriggerWorkflow } from './harness/trigger-webhook.cts';
import {
	emitted,
	foreignJob,
	newProcess,
	pikaTrigger,
	type PikaTriggerWorkflow,
} from './pikaTrigger.cts';

let sandbox: Sandbox;

useFreshSandbox(
	{ jobSeconds: Infinity, accounts: [{ ...SANDBOX_ACCOUNT, maxJobs: 50 }] },
	(started) => {
		sandbox = started;
	},
);

function trigger(options: Omit<PikaTriggerWorkflow, 'sandbox'> = {}): TriggerWorkflow {
	return pikaTrigger({ ...options, sandbox });
}

/** Two webhook processes whose executions go to two workers: those of the first two calls to different ones. */
function inQueueMode(node: TriggerWorkflow): [TriggerWorkflow, TriggerWorkflow] {
	const [one, other] = [newProcess(), newProcess()];
	return [
		node.in({ nodeTypes: newProcess(), workers: [one, other] }),
		node.in({ nodeTypes: newProcess(), workers: [other, one] }),
	];
}

async function endedJobs(count: number): Promise<string[]> {
	const jobs = await Promise.all(
		Array.from({ length: count }, async () => await foreignJob(sandbox, 'completed')),
	);
	return jobs.map(({ jobid }) => jobid);
}

describe('Pika Trigger in queue mode', () => {
	it('Pika Trigger emits each of 20 jobs once if each calls both webhook processes at the same time', async () => {
		const [one, other] = inQueueMode(trigger());
		const jobids = await endedJobs(20);
		const answers = await Promise.all(
			jobids.flatMap((jobid) => [one.call({ body: { jobid } }), other.call({ body: { jobid } })]),
		);
		expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
		expect(answers.filter(({ run }) => run?.status === 'success')).toHaveLength(40);
		expect(emitted(answers).sort()).toEqual(jobids.sort());
	});

	it('Pika Trigger emits each of 20 jobs once if one worker takes both executions of each at the same time', async () => {
		const worker = newProcess();
		const both = inQueueMode(trigger({ parameters: { confirm: false } }));
		const [one, other] = both.map((process) => process.in({ workers: [worker] }));
		const bodies = Array.from({ length: 20 }, (_, i) => ({ jobid: `${i}`, status: 'completed' }));
		const answers = await Promise.all(
			bodies.flatMap((body) => [one!.call({ body }), other!.call({ body })]),
		);
		expect(emitted(answers).sort()).toEqual(bodies.map(({ jobid }) => jobid).sort());
	});

	it('Pika Trigger does not emit a job again whose callback later reaches the other webhook process', async () => {
		const [one, other] = inQueueMode(trigger());
		const jobids = await endedJobs(10);
		const callAll = async (process: TriggerWorkflow) =>
			await Promise.all(jobids.map(async (jobid) => await process.call({ body: { jobid } })));
		expect(emitted(await callAll(one)).sort()).toEqual(jobids.sort());
		const repeats = await callAll(other);
		expect(emitted(repeats)).toEqual([]);
		expect(repeats.map(({ run }) => run?.status)).toEqual(Array(10).fill('success'));
	});

	it('Pika Trigger emits a job again when its status has changed', async () => {
		const [one, other] = inQueueMode(trigger({ parameters: { statuses: [] } }));
		const { jobid } = await foreignJob(sandbox);
		const running = await one.call({ body: { jobid } });
		sandbox.finishJob(jobid, 'failed');
		expect(emitted([running, await other.call({ body: { jobid } })])).toEqual([jobid, jobid]);
	});

	it('Pika Trigger emits a job each time while the editor listens', async () => {
		const [one, other] = inQueueMode(trigger());
		const [jobid] = await endedJobs(1);
		const answers = [
			await one.call({ body: { jobid } }),
			await one.callTest({ body: { jobid } }),
			await other.callTest({ body: { jobid } }),
		];
		expect(emitted(answers)).toEqual([jobid, jobid, jobid]);
	});

	it('The editor’s Retry of an execution that could not download its video emits the job', async () => {
		const [one, other] = inQueueMode(trigger({ parameters: { download: true } }));
		const [jobid] = await endedJobs(1);
		sandbox.addFault({ on: { endpoint: 'attachments' }, do: { answer: { status: 403 } } });
		const failed = await one.call({ body: { jobid } });
		expect(failed.run?.status).toBe('error');
		const retried = await retryRun(failed.run!);
		expect(retried.output('Collect').map(({ json }) => json.jobid)).toEqual([jobid]);
		expect(emitted([await other.call({ body: { jobid } })])).toEqual([]);
	});

	it('Retry On Fail emits the job on its second try', async () => {
		const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
		const [one] = inQueueMode(trigger({ node, parameters: { download: true } }));
		const [jobid] = await endedJobs(1);
		sandbox.addFault({ on: { endpoint: 'attachments' }, do: { answer: { status: 403 } } });
		expect(emitted([await one.call({ body: { jobid } })])).toEqual([jobid]);
	});
});

describe('Pika Trigger without a deduplication store', () => {
	it('Pika Trigger emits a job in a workflow that was never saved and has no deduplication store', async () => {
		const [jobid] = await endedJobs(1);
		const unsaved = trigger({ workflowId: '' });
		expect(emitted([await unsaved.call({ body: { jobid } })])).toEqual([jobid]);
		const [other] = inQueueMode(unsaved);
		expect(emitted([await other.call({ body: { jobid } })])).toEqual([jobid]);
	});
});
