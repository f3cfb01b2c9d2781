import type { Sandbox } from '../../sandbox/sandbox.cts';
import { useOperationCount } from '../unit/jobs/operationCount.cts';
import { untilIdle, useFastClock } from './fastClock.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import { pikaWorkflow } from './pika.cts';

let sandbox: Sandbox;
useFastClock();

useFreshSandbox({ jobSeconds: Infinity }, (started) => {
	sandbox = started;
});

type OnError = 'stopWorkflow' | 'continueErrorOutput';

async function begin(items: number, onError: OnError): Promise<WorkflowRun> {
	return await runWorkflow(
		pikaWorkflow({
			sandbox,
			items: Array.from({ length: items }, (_, i) => ({ json: { prompt: `prompt ${i}` } })),
			parameters: { operation: 'create', completion: 'callback', prompt: '={{ $json.prompt }}' },
			node: { onError },
		}),
	);
}

/** Ends all jobs that run, and calls for the first of them. */
async function endAll(run: WorkflowRun): Promise<WorkflowRun> {
	const running = sandbox.jobs.filter(({ status }) => status === 'started');
	for (const { jobid } of running) sandbox.finishJob(jobid);
	const answer = await resumeByWebhook(run, { body: { jobid: running[0]?.jobid } });
	return answer.run ?? run;
}

describe('the work after a callback', () => {
	const countOperations = useOperationCount('/nodes/Pika/');

	/** The least that one of the first callbacks costs: sometimes a poll more is due. */
	async function costOfCallback(items: number, onError: OnError): Promise<number> {
		sandbox.reset();
		let run = await begin(items, onError);
		const counts: number[] = [];
		while (counts.length < 4) {
			// A suspended node polls once more.
			await untilIdle();
			const count = await countOperations(async () => {
				run = await endAll(run);
			});
			counts.push(count);
			expect(run.status).toBe('waiting');
		}
		return Math.min(...counts);
	}

	it.each(['stopWorkflow', 'continueErrorOutput'] as const)(
		'The work after a callback does not depend on the number of items that wait, under %s',
		async (onError) => {
			// Code that is not compiled yet is not counted.
			await costOfCallback(60, onError);
			const few = await costOfCallback(75, onError);
			const many = await costOfCallback(600, onError);
			expect(few).toBeGreaterThan(1000);
			// One operation for each of the 525 more items would be more; another poll is less.
			expect(many - few).toBeLessThan(450);
		},
	);
});
