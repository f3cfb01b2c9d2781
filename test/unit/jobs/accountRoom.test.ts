import type { Account, AccountsOutcome } from '../../../nodes/Pika/api/accounts';
import { AccountRoom } from '../../../nodes/Pika/jobs/accountRoom';
import { refusal } from './fakeClient';

function roomWith(outcome: AccountsOutcome) {
	let asked = 0;
	const room = new AccountRoom({
		getMany: async () => {
			asked++;
			return outcome;
		},
	});
	return { room, asked: () => asked };
}

const accounts: Account[] = [
	{ channel: 'one', maxJobs: 3 },
	{ channel: 'two', maxJobs: 2.5 },
	{ channel: 'three' },
	{ channel: 'four', maxJobs: 0 },
];

describe('AccountRoom', () => {
	it.each<[string, number]>([
		['one', 3],
		['two', 2],
		['three', 10],
		['four', 10],
		['another', 10],
		['', 25],
	])('AccountRoom knows how many jobs the channel "%s" can run', async (channel, expected) => {
		expect(await roomWith({ kind: 'found', accounts }).room.of(channel)).toBe(expected);
	});

	it('AccountRoom requests the accounts once for all channels', async () => {
		const { room, asked } = roomWith({ kind: 'found', accounts });
		await Promise.all(['one', 'two', ''].map(async (channel) => await room.of(channel)));
		await room.of('three');
		expect(asked()).toBe(1);
	});

	it.each<[string, AccountsOutcome]>([
		['there are no accounts', { kind: 'found', accounts: [] }],
		['the API refuses', { kind: 'refused', refusal: refusal(401, 'no') }],
		['the API does not answer', { kind: 'unreachable', reason: 'HTTP 503' }],
		['the execution is stopped', { kind: 'cancelled' }],
	])('AccountRoom assumes ten jobs if %s', async (_, outcome) => {
		const { room } = roomWith(outcome);
		expect([await room.of(''), await room.of('one')]).toEqual([10, 10]);
	});
});
