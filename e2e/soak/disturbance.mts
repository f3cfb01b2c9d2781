import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import type { Fault, Sandbox } from '../../sandbox/sandbox.cts';

const DISTURBANCES_AT_ONCE = 200;
const json = (status: number, error: string) => ({ status, body: { error, code: status } });

const readFault = fc.record({
	path: fc.constantFrom('/v1/pika/jobs*', '/attachments*'),
	nth: fc.integer({ min: 1, max: 6 }),
	times: fc.integer({ min: 1, max: 3 }),
	action: fc.constantFrom<Fault['do']>(
		{ answer: json(503, 'Unavailable') },
		{ answer: json(429, 'Later') },
		{ resetAfterAccepting: true },
		{ resetBeforeAccepting: 'headers' },
		{ answer: { status: 200, body: '<h1>?</h1>' } },
		{ delay: 4000 },
	),
});

const disturbance = fc.record({
	pauseSeconds: fc.double({ min: 0.5, max: 5, noNaN: true }),
	fault: fc.option(readFault, { freq: 3 }),
	/** Which of the latest jobs is called for out of turn, and whether the caller names another job. */
	strayCall: fc.option(fc.record({ job: fc.nat(30), isWrong: fc.boolean() }), { freq: 2 }),
});

/** Lets reads and downloads fail now and then, and calls waiting executions out of turn, until the signal fires. */
export async function disturb(sandbox: Sandbox, seed: number, signal: AbortSignal): Promise<void> {
	for (const { pauseSeconds, fault, strayCall } of disturbancesFrom(seed)) {
		await wait(pauseSeconds * 1000, undefined, { signal }).catch(() => undefined);
		if (signal.aborted) return;
		if (fault) {
			const { path, nth, times, action } = fault;
			sandbox.addFault({ on: { method: 'GET', path, nth, times }, do: action });
		}
		if (strayCall) await callOutOfTurn(sandbox, strayCall.job, strayCall.isWrong);
	}
}

function* disturbancesFrom(seed: number) {
	for (let round = 0; ; round += 1) {
		yield* fc.sample(disturbance, { seed: seed + round, numRuns: DISTURBANCES_AT_ONCE });
	}
}

/** Anyone who knows a resume URL can call it. n8n rejects the call if the execution is not waiting. */
async function callOutOfTurn(sandbox: Sandbox, back: number, isWrong: boolean): Promise<void> {
	const waiting = sandbox.jobs.filter(({ replyUrl = '' }) => replyUrl.includes('webhook-waiting'));
	const job = waiting.at(-1 - back);
	if (job?.replyUrl === undefined) return;
	const body = JSON.stringify({ jobid: isWrong ? 'invented' : job.jobid, status: 'completed' });
	const headers = { 'content-type': 'application/json' };
	const signal = AbortSignal.timeout(60_000);
	await fetch(job.replyUrl, { method: 'POST', headers, body, signal }).then(
		async (response) => await response.arrayBuffer(),
		() => undefined,
	);
}
