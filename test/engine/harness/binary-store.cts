import { container, temporaryFolder } from './environment.cts';

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { BinaryDataConfig, BinaryDataService } from 'n8n-core';
import { BINARY_IN_JSON_PROPERTY, type IBinaryData, type INodeExecutionData } from 'n8n-workflow';

import { DatabaseManager } from './database-manager.cts';

/** Where n8n keeps binary data: in the items themselves, in files, or in its database. */
export type BinaryMode = 'memory' | 'filesystem' | 'database';

export const binaryModes: readonly BinaryMode[] = ['memory', 'filesystem', 'database'];

const configured = { memory: 'default', filesystem: 'filesystem', database: 'database' } as const;

let prepared: Promise<void> | undefined;

/** Makes n8n keep binary data this way for the tests of the surrounding `describe` (or file). */
export function useBinaryMode(mode: BinaryMode): void {
	let folder: string | undefined;
	beforeAll(async () => {
		folder = await prepareBinaryStore(mode);
	});
	afterAll(async () => {
		prepared = undefined;
		if (folder !== undefined) await rm(folder, { recursive: true, force: true });
	});
}

/** Prepares the in-process store, which runs use unless a test has chosen another. */
export async function ensureBinaryStore(): Promise<void> {
	prepared ??= prepareBinaryStore('memory').then(() => undefined);
	await prepared;
}

async function prepareBinaryStore(mode: BinaryMode): Promise<string> {
	const folder = await mkdtemp(join(temporaryFolder, `${mode}-`));
	const config = container.get(BinaryDataConfig);
	config.mode = configured[mode];
	config.localStoragePath = folder;
	const service = container.get(BinaryDataService);
	await service.init();
	service.setManager('database', new DatabaseManager());
	prepared = Promise.resolve();
	return folder;
}

/** The binary of an item by name, wherever the workflow's binary mode puts it. */
export function binaryOf(item: INodeExecutionData, name: string): IBinaryData {
	// The engine alone writes this property, and writes nothing but binary data into it.
	const inJson = item.json[BINARY_IN_JSON_PROPERTY] as Record<string, IBinaryData> | undefined;
	const binary = item.binary?.[name] ?? inJson?.[name];
	if (binary === undefined) throw new Error(`The item has no binary '${name}'`);
	return binary;
}

/** The bytes of an item's binary, read from n8n's configured store. */
export async function readBinary(item: INodeExecutionData, name: string): Promise<Buffer> {
	return await container.get(BinaryDataService).getAsBuffer(binaryOf(item, name));
}
