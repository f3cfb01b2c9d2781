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

describe('a suspension', () => {
	it('is taken once, with every item’s own job, after it was saved and loaded', async () => {
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

	it('keeps of finished items only what the output needs, and no records if there are none', async () => {
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
	])('of %s is thrown away', async (_, runIndex, executionId) => {
		const context = await saved();
		expect(await consumeSuspension(context, runIndex, executionId)).toBeUndefined();
		expect(JSON.stringify(context)).not.toContain('execution-1');
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'waiting'],
		['a list', []],
		['items that are not a list', { items: {}, input: [], records: '' }],
		['no input', { items: [], records: '' }],
		['records that are not a text', { items: [], input: [], records: {} }],
	])('is not made of %s', async (_, value) => {
		const context = { waiting: value } as IDataObject;
		expect(await consumeSuspension(context, 1, 'execution-1')).toBeUndefined();
	});
});
