import fc from 'fast-check';

import { startSandbox, type Sandbox } from '../../sandbox/sandbox.cts';
import { formOf, call } from '../sandbox/client';
import { operations, wrongInAnswer } from './contract.cts';
import { attempts, needsJobs, withJobs, type Attempt } from './fuzz/requests.cts';
import { requestRuns, requestSeed } from './fuzz/runs.cts';
import { send } from './fuzz/send.cts';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: Infinity });
});
afterAll(async () => await sandbox.stop());

/** One job of the sandbox's channel that has completed, and one of another that runs. */
async function jobs(): Promise<[completed: string, running: string]> {
	const other = { channel: '1100000000000000009', discord: 'a-discord-token' };
	for (const values of [{ prompt: 'p' }, { prompt: 'p', ...other }]) {
		await call(sandbox, 'POST', '/v1/pika/create', formOf(values));
	}
	const [completed = '', running = ''] = sandbox.jobs.map(({ jobid }) => jobid);
	sandbox.finishJob(completed);
	return [completed, running];
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** Normalizes escaped characters in a path. */
function decoded(path: string): string {
	try {
		return decodeURI(path);
	} catch {
		return path;
	}
}

/** How the sandbox's handling of the request is wrong; an empty list if it is not. */
async function wrongWith(attempt: Attempt): Promise<string[]> {
	sandbox.reset();
	const request = needsJobs(attempt) ? withJobs(attempt, ...(await jobs())) : attempt;
	const { method, target, verdict } = request;
	const answer = await send(sandbox.baseUrl, request);
	const { status, contentType } = answer;
	const path = decoded(target.split('?')[0]!);
	const wrong =
		method === 'HEAD'
			? []
			: wrongInAnswer(
					{ method, path },
					{ status, contentType, body: parsed(answer.body) },
					{ takesDefault: true },
				);
	if (status >= 500) wrong.push(`${status}`);
	// A prompt can ask the sandbox for 422.
	if (verdict === 'right' && ![200, 204, 422].includes(status))
		wrong.push(`refuses with ${status}`);
	if (verdict === 'wrong' && status < 400) wrong.push(`accepts with ${status}`);
	return wrong.length === 0 ? [] : [...wrong, answer.body.slice(0, 500)];
}

describe('random requests to the sandbox', () => {
	it.each(operations)(
		`The sandbox responds as documented, never with 500: $method $path, ${requestRuns} random requests, seed ${requestSeed}`,
		async (operation) => {
			const holds = fc.asyncProperty(attempts(operation), async (attempt) => {
				expect(await wrongWith(attempt)).toEqual([]);
			});
			await fc.assert(holds, { numRuns: requestRuns, seed: requestSeed });
		},
		600_000,
	);
});
