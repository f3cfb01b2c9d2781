import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import {
	type Pack,
	textOfJobs,
	packFinished,
	withFinished,
} from '../../../nodes/Pika/waiting/finishedItems';
import { knownItem, pendingItem } from '../jobs/fakeClient';

function completed(i: number): JobItem {
	const jobid = `job-${i}`;
	const job = { jobid, status: 'completed', prompt: `prompt ${i}` };
	return knownItem(i, jobid, { result: { kind: 'job', job }, replyRef: `ref-${i}` });
}

const failed = knownItem(1, 'job-1', {
	result: { kind: 'failure', failure: { message: 'm', description: 'd', jobid: 'job-1' } },
});
const unsure: JobItem = {
	...pendingItem(2),
	result: {
		kind: 'failure',
		failure: { message: 'm', description: 'd', mayExist: true, replyRef: 'ref-2' },
	},
};
const running = knownItem(3, 'job-3', { job: { jobid: 'job-3', status: 'progress' } });

/** Packs saved and loaded by n8n. */
async function packedAndSaved(packs: Pack[], items: JobItem[]): Promise<Pack[]> {
	return JSON.parse(JSON.stringify(await packFinished(packs, items))) as Pack[];
}

/** One item finishes before each of `waits` waits. */
async function oneByOne(waits: number): Promise<Pack[]> {
	let packs: Pack[] = [];
	for (let i = 0; i < waits; i++) packs = await packedAndSaved(packs, [completed(i)]);
	return packs;
}

describe('packFinished', () => {
	it('withFinished returns what the output needs of packed items, and all items in their order', async () => {
		const packs = await packedAndSaved([], [unsure, running, completed(0), failed]);
		const [first, second, third, last, ...more] = await withFinished(packs, [running]);
		expect(more).toEqual([]);
		const { item, jobid, replyRef, outputBinaryField, result } = completed(0);
		const finished = { cancelOnStop: false, waitLimitMilliseconds: 0 };
		expect(first).toEqual({ item, jobid, replyRef, outputBinaryField, result, ...finished });
		expect([second?.result, third?.result]).toEqual([failed.result, unsure.result]);
		expect(last).toBe(running);
	});

	it('textOfJobs names the job of each item, packed or not', async () => {
		const packs = await packedAndSaved([], [unsure, completed(0), failed]);
		expect(textOfJobs(packs, [running, pendingItem(4)])).toBe(
			'item 2: may have been submitted as ref-2, item 0: job-0 (completed), item 1: job-1, item 3: job-3 (progress)',
		);
		expect(textOfJobs([], [pendingItem(4)])).toBe('');
	});

	it('packFinished adds nothing while no item has finished', async () => {
		expect(await packFinished([], [running])).toEqual([]);
		const packs = await packFinished([], [completed(0)]);
		expect(await packFinished(packs, [running])).toEqual(packs);
	});

	it('packFinished leaves a larger pack as it is', async () => {
		const packs = await packedAndSaved([], [0, 1, 2, 3].map(completed));
		const more = await packFinished(packs, [completed(4)]);
		expect(more[0]).toEqual(packs[0]);
		expect(more.map(({ size }) => size)).toEqual([4, 1]);
	});

	it('packFinished merges smaller packs, so that their number grows with the logarithm of the items', async () => {
		const packs = await oneByOne(100);
		expect(packs.map(({ size }) => size)).toEqual([64, 32, 4]);
		const items = await withFinished(packs, []);
		expect(items.map(({ item }) => item)).toEqual(Array.from({ length: 100 }, (_, i) => i));
	});
});
