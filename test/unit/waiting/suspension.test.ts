import type { IDataObject } from 'n8n-workflow';

import {
	type Suspension,
	consumeSuspension,
	saveSuspension,
} from '../../../nodes/Pika/waiting/suspension';
import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import { knownItem, pendingItem } from '../jobs/fakeClient';

const suspension: Omit<Suspension, 'awaited'> = {
	id: 'suspension-1',
	runIndex: 1,
	executionId: 'execution-1',
	savedAt: 1_700_000_000_000,
	items: [
		knownItem(0, 'a', { job: { jobid: 'a', status: 'progress' }, deadline: 5 }),
		pendingItem(1),
		knownItem(2, 'c', { result: { kind: 'job', job: { jobid: 'c', prompt: 'waves' } } }),
		knownItem(3, 'd', { result: { kind: 'failure', failure: { message: 'm', description: 'd' } } }),
		knownItem(4, 'e', { result: { kind: 'job', job: { jobid: 'e', prompt: 'wind' } } }),
	],
	channels: { '': { learned: 3 } },
	input: [{ json: {} }],
};

async function saved(): Promise<IDataObject> {
	const context: IDataObject = {};
	await saveSuspension(context, suspension);
	return JSON.parse(JSON.stringify(context)) as IDataObject;
}

describe('saveSuspension and consumeSuspension', () => {
	it('consumeSuspension returns every item’s job once, after the suspension was saved and loaded', async () => {
		const context = await saved();
		const plain = JSON.parse(JSON.stringify(suspension)) as Suspension;
		// Nothing waits for an item that has a result.
		const items = plain.items.map((item) =>
			item.result ? { ...item, waitLimitMilliseconds: 0 } : item,
		);
		expect(await consumeSuspension(context, 1, 'execution-1')).toMatchObject({
			...plain,
			items,
			awaited: ['a'],
		});
		expect(await consumeSuspension(context, 1, 'execution-1')).toBeUndefined();
	});

	it('saveSuspension keeps only what the output needs of finished items, and no records if there are none', async () => {
		const { waiting } = (await saved()) as { waiting: { items: JobItem[] } };
		expect(waiting.items.map((item) => Object.keys(item).sort())[2]).toEqual([
			'item',
			'jobid',
			'outputBinaryField',
			'replyRef',
			'result',
		]);
		const context: IDataObject = {};
		await saveSuspension(context, { ...suspension, items: suspension.items.slice(0, 2) });
		expect(JSON.stringify(context)).not.toContain('records');
		expect((await consumeSuspension(context, 1, 'execution-1'))?.items).toHaveLength(2);
	});

	it.each<[string, number, string]>([
		['another round of a loop', 0, 'execution-1'],
		['another execution', 1, 'execution-2'],
	])('consumeSuspension discards a suspension of %s', async (_, runIndex, executionId) => {
		const context = await saved();
		expect(await consumeSuspension(context, runIndex, executionId)).toBeUndefined();
		expect(JSON.stringify(context)).not.toContain('execution-1');
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'waiting'],
		['a list', []],
		['an object whose items are not a list', { items: {}, input: [], records: '' }],
		['an object without the input', { items: [], records: '' }],
		['an object whose records are not text', { items: [], input: [], records: {} }],
	])('consumeSuspension ignores a saved value that is %s', async (_, value) => {
		const context = { waiting: value } as IDataObject;
		expect(await consumeSuspension(context, 1, 'execution-1')).toBeUndefined();
	});
});
