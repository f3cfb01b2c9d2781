import './environment.cts';

import { DataDeduplicationService } from 'n8n-core';
import type {
	DeduplicationItemTypes,
	DeduplicationScope,
	ICheckProcessedContextData,
	ICheckProcessedOptions,
	IDataDeduplicator,
	IDeduplicationOutput,
} from 'n8n-workflow';

/** What n8n keeps in its table `processed_data`, which all its processes share: the entries of each node. */
class Deduplicator implements IDataDeduplicator {
	private readonly entries = new Map<string, DeduplicationItemTypes[]>();

	checkProcessedAndRecord(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
		{ maxEntries = Infinity }: ICheckProcessedOptions,
	): Promise<IDeduplicationOutput> {
		const key = keyOf(scope, context);
		const known = this.entries.get(key) ?? [];
		const fresh = items.filter((item) => !known.includes(item));
		this.entries.set(key, [...known, ...fresh].slice(-maxEntries));
		const processed = items.filter((item) => known.includes(item));
		return Promise.resolve({ new: fresh, processed });
	}

	removeProcessed(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<void> {
		const key = keyOf(scope, context);
		const known = this.entries.get(key) ?? [];
		this.entries.set(
			key,
			known.filter((item) => !items.includes(item)),
		);
		return Promise.resolve();
	}

	clearAllProcessedItems(
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<void> {
		this.entries.delete(keyOf(scope, context));
		return Promise.resolve();
	}

	getProcessedDataCount(
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<number> {
		return Promise.resolve(this.entries.get(keyOf(scope, context))?.length ?? 0);
	}
}

function keyOf(scope: DeduplicationScope, { workflow, node }: ICheckProcessedContextData): string {
	return `${workflow.id}/${scope === 'node' ? (node?.id ?? '') : ''}`;
}

let initialized: Promise<void> | undefined;

/** Gives n8n-core what the `n8n` package gives it when it starts; once per test file. */
export async function ensureDeduplicator(): Promise<void> {
	initialized ??= DataDeduplicationService.init(new Deduplicator());
	await initialized;
}
