import { type Sandbox, startSandbox } from '../../sandbox/sandbox.cts';
import { useFastClock } from './fastClock.cts';
import { resumeByTimeout } from './harness/resume.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import { type PikaWorkflow, imageItem, pikaWorkflow } from './pika.cts';

let sandbox: Sandbox;
useFastClock();

beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: Infinity });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => sandbox.reset());

function begin(options: Omit<PikaWorkflow, 'sandbox'> = {}): Promise<WorkflowRun> {
	const parameters = { completion: 'callback', ...options.parameters };
	return runWorkflow(pikaWorkflow({ ...options, parameters, sandbox }));
}

/** Ends a job and lets its callback reach the waiting execution. */
async function callBack(waiting: WorkflowRun, jobid: string | undefined): Promise<WorkflowRun> {
	const { status, run } = await resumeByWebhook(waiting, { body: { jobid } });
	expect(status).toBe(200);
	return run ?? waiting;
}

describe('waiting by callback', () => {
	it('submits ten of 25 items on ten slots, and the next with every callback, until all are done', async () => {
		const items = Array.from({ length: 25 }, (_, i) => imageItem({ name: `prompt ${i}` }));
		let run = await begin({ items, parameters: { prompt: '={{ $json.name }}', download: true } });
		expect(run.status).toBe('waiting');
		expect(sandbox.jobs).toHaveLength(10);
		for (let i = 0; i < 25; i++) {
			expect(run.status).toBe('waiting');
			sandbox.finishJob(sandbox.jobs[i]?.jobid ?? '');
			run = await callBack(run, sandbox.jobs[i]?.jobid);
			expect(sandbox.jobs).toHaveLength(Math.min(25, 11 + i));
		}
		expect(run.error).toBeUndefined();
		expect(run.status).toBe('success');
		const output = run.output('Pika');
		expect(output.map(({ json, pairedItem }) => [json.prompt, json.status, pairedItem])).toEqual(
			items.map(({ json }, item) => [json?.name, 'completed', { item }]),
		);
		expect((await run.binary(output[7]!, 'video')).length).toBeGreaterThan(1000);
		expect(output[7]?.binary?.video).toMatchObject({ mimeType: 'video/mp4' });
	});

	it('fails with the last state when nobody calls', async () => {
		const waiting = await begin();
		const run = await resumeByTimeout(waiting);
		expect(run.error?.message).toBe(
			`The Pika job ${sandbox.jobs[0]?.jobid} has not ended within 30 minutes, its last status is started`,
		);
	});

	it('hands on the last state when nobody calls, under continue', async () => {
		const waiting = await begin({ node: { onError: 'continueErrorOutput' } });
		const run = await resumeByTimeout(waiting);
		expect(run.output('Pika', 1)[0]?.json).toMatchObject({
			details: { timedOut: true, status: 'started', jobid: sandbox.jobs[0]?.jobid },
		});
	});
});
