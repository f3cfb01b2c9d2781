import type { IExecuteFunctions } from 'n8n-workflow';

/** For each trigger; n8n forgets the oldest. A job makes one entry, or two if another process received its callback. */
export const MAX_ENTRIES = 2000;
const TRIES = 3;

/** Writes entries to a place that all processes of n8n share, and gives those that were there before. */
export type RecordEntries = (entries: string[]) => Promise<Set<unknown>>;

/** The writes of this process to the log of one trigger: one at a time, as n8n does not lock it. */
export interface EmittedLog {
	/** What the next write takes along. */
	waiting: Set<string>;
	next?: Promise<Set<unknown>>;
	last: Promise<unknown>;
}

/** The writes of a trigger that has made none. */
export function createEmittedLog(): EmittedLog {
	return { waiting: new Set(), last: Promise.resolve() };
}

/** Records in n8n's deduplication store, in n8n's database. */
export function deduplicationStore(node: IExecuteFunctions): RecordEntries {
	return async (entries) => {
		const options = { mode: 'entries', maxEntries: MAX_ENTRIES } as const;
		const { processed } = await node.helpers.checkProcessedAndRecord(entries, 'node', options);
		return new Set(processed);
	};
}

async function tryToRecord(
	record: RecordEntries,
	entries: string[],
	tries = TRIES,
): Promise<Set<unknown>> {
	if (tries === 1) return await record(entries);
	try {
		return await record(entries);
	} catch {
		// Of two processes that make the trigger's first entry at the same moment, one fails.
		return await tryToRecord(record, entries, tries - 1);
	}
}

/** Records entries after the writes that are under way, together with all others that wait for the same. */
export async function recordInTurn(
	log: EmittedLog,
	entries: string[],
	record: RecordEntries,
): Promise<Set<unknown>> {
	for (const entry of entries) log.waiting.add(entry);
	log.next ??= log.last.then(async () => {
		const batch = [...log.waiting];
		log.waiting.clear();
		log.next = undefined;
		return await tryToRecord(record, batch);
	});
	const mine = log.next;
	log.last = mine.catch(() => undefined);
	return await mine;
}
