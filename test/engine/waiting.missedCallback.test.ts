import type { Sandbox } from '../../sandbox/sandbox.cts';
import { type ReceivedCall, type Receiver, startReceiver } from '../sandbox/receiver.cts';
import { untilIdle, useFastClock } from './fastClock.cts';
import { HANG_MILLISECONDS } from './faults/catalogue.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { runWorkflow } from './harness/run.cts';
import { lists } from './observed.cts';
import { pikaWorkflow } from './pika.cts';
import { inTurn, status } from './responses/videos.cts';

let sandbox: Sandbox;
const { pauses } = useFastClock();
useFreshSandbox({ jobSeconds: Infinity }, (started) => {
	sandbox = started;
});

type Answer = Parameters<typeof inTurn>[0];

const CONFLICT = status(409);
const reset: Answer = (request) => request.socket.destroy();

let receiver: Receiver;
afterEach(async () => await receiver.stop());

/** Begins to wait at an n8n that answers the calls of its resume URL like this, and returns these calls. */
async function waitAt(answer: Answer): Promise<ReceivedCall[]> {
	receiver = await startReceiver(answer);
	const publicUrl = new URL(receiver.url).origin;
	const prompt = 'waves [no-callback]';
	const parameters = { operation: 'create', completion: 'callback', prompt };
	const run = await runWorkflow(pikaWorkflow({ parameters, sandbox, publicUrl }));
	expect(run.status).toBe('waiting');
	return receiver.calls;
}

function endJob(): void {
	const [job] = sandbox.jobs;
	if (!job) throw new Error('No job was submitted');
	sandbox.finishJob(job.jobid);
}

describe('a callback that n8n missed while it saved the wait', () => {
	it('The node calls the resume URL with the job ID, and without the API token', async () => {
		const calls = await waitAt(status(200));
		endJob();
		await untilIdle();
		const [call, ...others] = calls;
		expect(others).toEqual([]);
		expect(call?.path).toMatch(/^\/webhook-waiting\/\d+\?signature=/);
		expect(JSON.parse(call!.body)).toEqual({ jobid: sandbox.jobs[0]!.jobid });
		expect(JSON.stringify(call)).not.toContain(sandbox.apiToken);
	});

	it.each<[string, Answer[]]>([
		['is still saving the wait', [CONFLICT]],
		['cannot reach its database', [status(500), status(503)]],
		['breaks off the connection', [reset]],
		['needs several minutes', Array<Answer>(5).fill(CONFLICT)],
	])('The node calls the resume URL again if n8n %s', async (_what, refusals) => {
		const calls = await waitAt(inTurn(...refusals, status(200)));
		endJob();
		await untilIdle();
		expect(calls).toHaveLength(refusals.length + 1);
		expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
	});

	it.each([503, 429, 404])(
		'The node looks for the job again if the API answers %i at first',
		async (code) => {
			const calls = await waitAt(status(200));
			const on = { method: 'GET', times: 2 };
			sandbox.addFault({ on, do: { answer: { status: code } } });
			endJob();
			await untilIdle();
			expect(calls).toHaveLength(1);
		},
	);

	it('The node calls the resume URL even if the API hangs at first', async () => {
		const calls = await waitAt(status(200));
		sandbox.addFault({ on: { method: 'GET' }, do: { delay: HANG_MILLISECONDS } });
		endJob();
		await untilIdle();
		expect(calls).toHaveLength(1);
	});

	it('The node looks only once if the job runs', async () => {
		const calls = await waitAt(status(200));
		const before = lists(sandbox).length;
		await untilIdle();
		endJob();
		await untilIdle();
		expect(lists(sandbox)).toHaveLength(before + 1);
		expect(calls).toEqual([]);
	});

	it('The node gives up after some minutes, and keeps the pause between two lists until then', async () => {
		const calls = await waitAt(CONFLICT);
		pauses.length = 0;
		endJob();
		await untilIdle();
		expect(calls.length).toBeGreaterThan(3);
		expect(calls.length).toBeLessThan(10);
		expect(pauses.filter((pause) => pause < 10_000)).toEqual([]);
	});
});
