import type { IExecuteFunctions } from 'n8n-workflow';

/** Per trigger; n8n drops the oldest. A job takes one entry, or two if another process received its callback. */
export const MAX_ENTRIES = 2000;
const TRIES = 3;

/** Records entries in a place that all processes of n8n share, and returns those that were there before. */
export type RecordEntries = (entries: string[]) => Promise<Set<unknown>>;

/** The writes of this process to the log of one trigger: one at a time, because n8n does not lock the log. */
export interface EmittedLog {
	waiting: Set<string>;
	next?: Promise<Set<unknown>>;
	last: Promise<unknown>;
}

/** The log of a trigger that has not written anything. */
export function createEmittedLog(): EmittedLog {
	return { waiting: new Set(), last: Promise.resolve() };
}

/** Records entries in n8n's database (docs/n8n-internals.md, "Deduplication"). */
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
		// If two processes make the first entry of a trigger at the same moment, one of them fails.
		return await tryToRecord(record, entries, tries - 1);
	}
}

/** Records entries after the current write, together with all others that are waiting for it. */
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
