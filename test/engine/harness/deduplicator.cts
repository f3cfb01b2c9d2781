import './environment.cts';

import { strict as assert } from 'node:assert';

import { DataDeduplicationService } from 'n8n-core';
import type {
	DeduplicationItemTypes,
	DeduplicationScope,
	ICheckProcessedContextData,
	ICheckProcessedOptions,
	IDataDeduplicator,
	IDeduplicationOutput,
} from 'n8n-workflow';

/**
 * The table `processed_data`, which all processes of n8n share, with one row for each node. As in n8n, a call reads the
 * row and then writes the whole of it, without a lock (docs/n8n-internals.md, "Deduplication").
 */
class Deduplicator implements IDataDeduplicator {
	private readonly rows = new Map<string, readonly DeduplicationItemTypes[]>();

	async checkProcessedAndRecord(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
		{ maxEntries = Infinity }: ICheckProcessedOptions,
	): Promise<IDeduplicationOutput> {
		const key = keyOf(scope, context);
		const row = this.rows.get(key);
		await answerOfTheDatabase();
		if (row === undefined && this.rows.has(key)) {
			throw new Error('duplicate key value violates unique constraint of "processed_data"');
		}
		const known = row ?? [];
		const fresh = items.filter((item) => !known.includes(item));
		this.rows.set(key, [...known, ...fresh].slice(-maxEntries));
		return { new: fresh, processed: items.filter((item) => known.includes(item)) };
	}

	removeProcessed(
		items: DeduplicationItemTypes[],
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<void> {
		const key = keyOf(scope, context);
		const known = this.rows.get(key) ?? [];
		this.rows.set(
			key,
			known.filter((item) => !items.includes(item)),
		);
		return Promise.resolve();
	}

	clearAllProcessedItems(
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<void> {
		this.rows.delete(keyOf(scope, context));
		return Promise.resolve();
	}

	getProcessedDataCount(
		scope: DeduplicationScope,
		context: ICheckProcessedContextData,
	): Promise<number> {
		return Promise.resolve(this.rows.get(keyOf(scope, context))?.length ?? 0);
	}
}

function keyOf(scope: DeduplicationScope, { workflow, node }: ICheckProcessedContextData): string {
	assert.ok(workflow.id);
	return `${workflow.id}/${scope === 'node' ? (node?.id ?? '') : ''}`;
}

async function answerOfTheDatabase(): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
}

let initialized: Promise<void> | undefined;

/** Gives n8n-core what the `n8n` package gives it when it starts; once per test file. */
export async function ensureDeduplicator(): Promise<void> {
	initialized ??= DataDeduplicationService.init(new Deduplicator());
	await initialized;
}
