import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import { type Backlog, queuesOf, setAside, takeAll } from '../../../nodes/Pika/waiting/backlog';
import { knownItem, pendingItem } from '../jobs/fakeClient';

const numbers = (items: JobItem[]) => items.map(({ item }) => item);

function items(from: number, to: number, pending: Parameters<typeof pendingItem>[1] = {}) {
	return Array.from({ length: to - from }, (_, i) => pendingItem(from + i, pending));
}

function savedAndLoaded(backlog: Backlog): Backlog {
	return JSON.parse(JSON.stringify(backlog)) as Backlog;
}

describe('the backlog', () => {
	it('setAside keeps the items that have a job, and those that may have been submitted', async () => {
		const possiblySubmitted = { outcome: 'unknown', sentAt: 1 } as const;
		const others = [knownItem(0, 'a'), { ...pendingItem(1), possiblySubmitted }];
		const { items: kept, backlog } = await setAside([...others, pendingItem(2)], {});
		expect(kept).toEqual(others);
		expect(await takeAll(savedAndLoaded(backlog))).toEqual([pendingItem(2)]);
	});

	it('setAside keeps the items whose files n8n saves with the input items', async () => {
		const file = { fileName: 'a.png', contentType: 'image/png', size: 1 };
		const [inside, stored, ...rest] = items(0, 3) as [JobItem, JobItem, JobItem];
		const binary = { data: 'AA==', mimeType: 'image/png' };
		inside.pending!.submission.files = { message: { ...file, binary } };
		stored.pending!.submission.files = { message: { ...file, binary: { ...binary, id: 'x' } } };
		const { items: kept, backlog } = await setAside([inside, stored, ...rest], {});
		expect(numbers(kept)).toEqual([0]);
		expect(numbers(await takeAll(backlog))).toEqual([1, 2]);
	});

	it('queuesOf returns items in their order, few at a time, after those that were set aside later', async () => {
		const first = await setAside(items(0, 120), {});
		const [take] = queuesOf(first.backlog);
		const taken = await take!();
		expect(numbers(taken)).toEqual(numbers(items(0, 50)));
		const second = await setAside(taken.slice(20), first.backlog);
		const sizes: number[] = [];
		const all: JobItem[] = [];
		const [again] = queuesOf(savedAndLoaded(second.backlog));
		for (let next = await again!(); next.length > 0; next = await again!()) {
			sizes.push(next.length);
			all.push(...next);
		}
		expect(sizes).toEqual([30, 50, 20]);
		expect(all).toEqual(items(20, 120));
	});

	it('queuesOf returns a queue for each channel, limit and time to keep retrying', async () => {
		const groups = [
			items(0, 2),
			items(2, 4, { channel: 'another' }),
			items(4, 6, { fields: { maxJobs: '3' } }),
			items(6, 8, { retryForMilliseconds: 1 }),
		];
		const mixed = groups.flat().sort((a, b) => (a.item % 2) - (b.item % 2));
		const { backlog } = await setAside(mixed, {});
		const taken = await Promise.all(queuesOf(backlog).map(async (take) => await take()));
		expect(taken.map(numbers)).toEqual(groups.map(numbers));
	});

	it('setAside leaves packs as they are, and drops what is empty', async () => {
		const { backlog } = await setAside([...items(0, 1), ...items(1, 2, { channel: 'b' })], {});
		await queuesOf(backlog)[0]!();
		expect((await setAside([], backlog)).backlog).toEqual(
			(await setAside(items(1, 2, { channel: 'b' }), {})).backlog,
		);
	});
});
