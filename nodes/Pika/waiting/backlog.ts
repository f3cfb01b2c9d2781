import type { ItemQueue } from '../jobs/runPlan';
import { type JobItem, type PendingItem, isPending } from '../jobs/jobItem';
import { packed, unpacked } from './packed';

/** Items that wait for a slot, in packs, because a run needs only a few. Those under the same key compete for the same slots. */
export type Backlog = Record<string, string[]>;

const ITEMS_OF_A_PACK = 50;

function keyOf({ pending }: PendingItem): string {
	const { submission, retryForMilliseconds } = pending;
	return JSON.stringify([submission.channel, submission.fields.maxJobs, retryForMilliseconds]);
}

/** n8n saves a file that is in an item itself only once, unless it is packed. */
function hasFilesInside({ pending }: PendingItem): boolean {
	return Object.values(pending.submission.files).some(({ binary }) => binary.id === undefined);
}

/** The items that can be set aside, by what decides when they get a slot, and the others. */
export function groupBySlot(items: JobItem[]) {
	const others: JobItem[] = [];
	const groups = new Map<string, PendingItem[]>();
	for (const item of items) {
		if (!isPending(item) || item.possiblySubmitted || hasFilesInside(item)) others.push(item);
		else {
			const key = keyOf(item);
			const group = groups.get(key);
			if (group) group.push(item);
			else groups.set(key, [item]);
		}
	}
	return { others, groups };
}

/** Moves items that wait for a slot to the beginning of the backlog; returns the other items too. */
export async function setAside(
	items: JobItem[],
	backlog: Backlog,
): Promise<{ items: JobItem[]; backlog: Backlog }> {
	const { others, groups } = groupBySlot(items);
	const all = { ...backlog };
	for (const [key, group] of groups) {
		const packs: string[] = [];
		for (let i = 0; i < group.length; i += ITEMS_OF_A_PACK) {
			packs.push(await packed(group.slice(i, i + ITEMS_OF_A_PACK)));
		}
		all[key] = [...packs, ...(backlog[key] ?? [])];
	}
	const filled = Object.entries(all).filter(([, packs]) => packs.length > 0);
	return { items: others, backlog: Object.fromEntries(filled) };
}

/** A queue for each part of the backlog, out of which it takes the items. */
export function queuesOf(backlog: Backlog): ItemQueue[] {
	return Object.values(backlog).map((packs) => async () => {
		const next = packs.shift();
		return next === undefined ? [] : ((await unpacked(next)) as JobItem[]);
	});
}

/** Takes all items out. */
export async function takeAll(backlog: Backlog): Promise<JobItem[]> {
	const packs = Object.values(backlog).flatMap((each) => each.splice(0));
	return (await Promise.all(packs.map(unpacked))).flat() as JobItem[];
}
