import { withReadRetries } from '../../../nodes/Pika/jobs/readRetries';
import { ControlledClock } from './controlledClock';
import { inTurn } from './fakeClient';

const unreachable = { kind: 'unreachable', reason: 'HTTP 503' } as const;
const found = { kind: 'found' } as const;

async function read(...answers: [{ kind: string }, ...Array<{ kind: string }>]) {
	const clock = new ControlledClock();
	const next = inTurn(...answers);
	const outcome = await clock.run(withReadRetries(async () => next(), { clock }));
	return { kind: outcome.kind, pauses: clock.pauses };
}

describe('withReadRetries', () => {
	it('withReadRetries returns the first response', async () => {
		expect(await read(found)).toEqual({ kind: 'found', pauses: [] });
	});

	it('withReadRetries reads again if the API could not respond', async () => {
		expect(await read(unreachable, unreachable, found)).toEqual({
			kind: 'found',
			pauses: [2000, 4000],
		});
	});

	it('withReadRetries gives up after three tries', async () => {
		expect(await read(unreachable)).toEqual({ kind: 'unreachable', pauses: [2000, 4000] });
	});

	it.each<[string, string]>([
		['a refusal', 'refused'],
		['a stop', 'cancelled'],
	])('withReadRetries does not read again after %s', async (_, kind) => {
		expect(await read({ kind })).toEqual({ kind, pauses: [] });
	});

	it('withReadRetries ends when the execution is stopped', async () => {
		const clock = new ControlledClock();
		const stop = new AbortController();
		let tries = 0;
		const reading = withReadRetries(
			async () => {
				tries++;
				stop.abort();
				return unreachable;
			},
			{ clock, signal: stop.signal },
		);
		expect((await clock.run(reading)).kind).toBe('unreachable');
		expect(tries).toBe(1);
	});
});
