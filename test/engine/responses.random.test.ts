import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { runAt } from './responses/failing.cts';
import { ASKED_JOB, SECRETS, behaviours } from './responses/hostileResponses.cts';
import { type HostileApi, startHostileApi } from './responses/hostileApi.cts';
import { wrongIn } from './responses/hostileRules.cts';
import { useFastClock } from './fastClock.cts';
import { faultRuns, faultSeed } from './faults/runs.cts';

const polling = { completion: 'poll', waitLimit: 1, options: { retryFor: 1 } };
const off = { completion: 'off', options: { retryFor: 1 } };

/** Every read and every submission. */
const OPERATIONS: IDataObject[] = [
	{ operation: 'encryptImage', ...off },
	{ operation: 'encryptImage', ...polling, download: true },
	{ operation: 'encryptText', message: 'HI', ...off },
	{ operation: 'create', ...polling, onUnsuccessful: 'output' },
	{ operation: 'animate', image: 'data', ...off },
	{ operation: 'retry', jobid: ASKED_JOB, ...polling },
	{ resource: 'job', operation: 'get', jobid: ASKED_JOB, completion: 'off' },
	{ resource: 'job', operation: 'get', jobid: ASKED_JOB, ...polling, download: true },
	{ resource: 'job', operation: 'getMany' },
	{ resource: 'job', operation: 'getMany', readEach: true },
	{ resource: 'job', operation: 'cancel', jobid: ASKED_JOB },
	{ resource: 'account', operation: 'getMany' },
	{ resource: 'account', operation: 'upsert', maxJobs: 3 },
	{ resource: 'account', operation: 'delete', channel: '42' },
];

/** How often each operation is tried on average, with PIKA_FAULT_RUNS of 60 or more. */
const runs = Math.max(OPERATIONS.length, faultRuns * 5);

let api: HostileApi;
useFastClock();
beforeAll(async () => {
	api = await startHostileApi();
});
afterAll(async () => await api.stop());

const credential = {
	...SECRETS,
	channel: '1100000000000000042',
};

describe('random responses', () => {
	it(`Whatever the server responds, the node explains it, invents no job and shows no secret (${runs} runs, seed ${faultSeed})`, async () => {
		const holds = fc.asyncProperty(
			fc.constantFrom(...OPERATIONS),
			fc.constantFrom(undefined, 'continueErrorOutput' as const, 'continueRegularOutput' as const),
			behaviours,
			async (parameters, onError, answers) => {
				api.behave(answers);
				const run = await runAt(api.baseUrl, parameters, { credential, onError });
				expect(wrongIn(run, api)).toEqual([]);
			},
		);
		await fc.assert(holds, { numRuns: runs, seed: faultSeed });
	}, 1_800_000);
});
