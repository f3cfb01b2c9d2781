import type { IDataObject } from 'n8n-workflow';

import { canSuspendFrom, noteWait } from '../../../nodes/Pika/waiting/staleWaitTimer';

const NOW = 1_000_000;

describe('canSuspendFrom', () => {
	it.each<[string, number, number]>([
		['a wait whose timer n8n may have set already', NOW + 60_000, NOW + 70_000],
		['a wait that has just run out', NOW, NOW + 10_000],
		['a wait that ends just within n8n’s next check', NOW + 74_999, NOW + 84_999],
		['a wait that n8n has not checked yet', NOW + 75_000, 0],
	])('canSuspendFrom returns the earliest time after %s', (_, until, expected) => {
		const context: IDataObject = {};
		noteWait(context, '7', until);
		expect(canSuspendFrom(context, '7', NOW)).toBe(expected);
	});

	it('canSuspendFrom is immediate if this execution has not waited, or another one has', () => {
		const context: IDataObject = {};
		expect(canSuspendFrom(context, '7', NOW)).toBe(0);
		noteWait(context, '6', NOW);
		expect(canSuspendFrom(context, '7', NOW)).toBe(0);
	});
});
