import type { IDataObject } from 'n8n-workflow';

import {
	type Suspension,
	consumeSuspension,
	saveSuspension,
} from '../../../nodes/Pika/waiting/suspension';
import { EXECUTION, knownItem, pendingItem } from '../jobs/fakeClient';

const job = { jobid: 'a', status: 'started', prompt: 'waves', replyUrl: 'https://n8n.example/' };
const done = {
	kind: 'job',
	job: { jobid: 'c', status: 'completed', content: 'x'.repeat(500) },
} as const;

const suspension: Omit<Suspension, 'awaited'> = {
	id: 'suspension-1',
	runIndex: 1,
	executionId: EXECUTION,
	savedAt: 1_700_000_000_000,
	items: [
		knownItem(0, 'a', { job, channel: 'one', callbackTo: EXECUTION }),
		pendingItem(1),
		knownItem(2, 'c', { job: done.job, result: done }),
	],
	channels: { one: { learned: 2 } },
	input: [{ json: {} }],
};

function saved(): IDataObject {
	const context: IDataObject = {};
	saveSuspension(context, suspension);
	return JSON.parse(JSON.stringify(context)) as IDataObject;
}

describe('a suspension', () => {
	it('is taken once, after it was saved and loaded', () => {
		const context = saved();
		expect(consumeSuspension(context, 1, EXECUTION)).toMatchObject({
			id: 'suspension-1',
			channels: suspension.channels,
			input: suspension.input,
		});
		expect(consumeSuspension(context, 1, EXECUTION)).toBeUndefined();
	});

	it('keeps of a job that runs its ID and status, and of one that has ended its result', () => {
		const [open, pending, ended] = consumeSuspension(saved(), 1, EXECUTION)?.items ?? [];
		const shown = { jobid: 'a', status: 'started' };
		expect(open).toEqual(knownItem(0, 'a', { job: shown, channel: 'one', callbackTo: EXECUTION }));
		expect(pending).toEqual(pendingItem(1));
		expect(ended).toEqual(knownItem(2, 'c', { result: done }));
	});

	it('knows the jobs that it waits for', () => {
		expect(consumeSuspension(saved(), 1, EXECUTION)?.awaited).toEqual(['a']);
	});

	it('leaves the items of the run itself as they are', () => {
		saved();
		expect(suspension.items[0]).toMatchObject({ job });
	});

	it.each<[string, number, string]>([
		['another round of a loop', 0, EXECUTION],
		['another execution', 1, 'execution-2'],
	])('of %s is thrown away', (_, runIndex, executionId) => {
		const context = saved();
		expect(consumeSuspension(context, runIndex, executionId)).toBeUndefined();
		expect(JSON.stringify(context)).not.toContain(EXECUTION);
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'waiting'],
		['a list', []],
		['items that are not a list', { items: {}, input: [], runIndex: 1, executionId: EXECUTION }],
		['items without an input', { items: [], runIndex: 1, executionId: EXECUTION }],
	])('is not made of %s', (_, value) => {
		expect(consumeSuspension({ waiting: value } as IDataObject, 1, EXECUTION)).toBeUndefined();
	});
});
