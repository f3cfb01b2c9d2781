import type { IDataObject } from 'n8n-workflow';

import {
	type Suspension,
	consumeSuspension,
	saveSuspension,
} from '../../../nodes/Pika/waiting/suspension';
import { knownItem, pendingItem } from '../jobs/fakeClient';

const suspension: Omit<Suspension, 'awaited'> = {
	id: 'suspension-1',
	runIndex: 1,
	executionId: 'execution-1',
	savedAt: 1_700_000_000_000,
	items: [
		knownItem(0, 'a', { job: { jobid: 'a', status: 'progress', prompt: 'waves' }, deadline: 5 }),
		pendingItem(1),
	],
	backlog: { all: ['packed'] },
	finished: [{ size: 1, jobs: 'item 2: b', items: 'packed' }],
	isCancelling: false,
	channels: { '': { learned: 3 } },
	input: [{ json: {} }],
};

function saved(): IDataObject {
	const context: IDataObject = {};
	saveSuspension(context, suspension);
	return JSON.parse(JSON.stringify(context)) as IDataObject;
}

describe('saveSuspension and consumeSuspension', () => {
	it('consumeSuspension returns a suspension once, after it was saved and loaded', () => {
		const context = saved();
		const plain = JSON.parse(JSON.stringify(suspension)) as Suspension;
		// Of a job that runs, the next run reads the record again.
		Object.assign(plain.items[0]!, { job: { jobid: 'a', status: 'progress' } });
		expect(consumeSuspension(context, 1, 'execution-1')).toEqual({ ...plain, awaited: ['a'] });
		expect(consumeSuspension(context, 1, 'execution-1')).toBeUndefined();
	});

	it.each<[string, number, string]>([
		['another round of a loop', 0, 'execution-1'],
		['another execution', 1, 'execution-2'],
	])('consumeSuspension discards a suspension of %s', (_, runIndex, executionId) => {
		const context = saved();
		expect(consumeSuspension(context, runIndex, executionId)).toBeUndefined();
		expect(JSON.stringify(context)).not.toContain('execution-1');
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'waiting'],
		['a list', []],
		['an object whose items are not a list', { items: {}, backlog: {}, input: [], finished: [] }],
		['an object without the input', { items: [], backlog: {}, finished: [] }],
		['an object without the finished items', { items: [], backlog: {}, input: [] }],
		['an object without the backlog', { items: [], input: [], finished: [] }],
	])('consumeSuspension ignores a saved value that is %s', (_, value) => {
		const context = { waiting: value } as IDataObject;
		expect(consumeSuspension(context, 1, 'execution-1')).toBeUndefined();
	});
});
