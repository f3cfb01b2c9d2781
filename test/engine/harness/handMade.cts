import { readFile, rm, writeFile } from 'node:fs/promises';

import { BinaryDataService } from 'n8n-core';
import {
	Node,
	NodeConnectionTypes,
	type IBinaryData,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { container } from './environment.cts';

/** An item that nothing checks or completes; its binary fields may hold anything. */
export interface HandMadeItem {
	json?: Record<string, unknown>;
	binary?: unknown;
}

type MakeItems = (context: IExecuteFunctions) => HandMadeItem[] | Promise<HandMadeItem[]>;

/** Starts a workflow as a Code node does: emits items unchanged. */
export class HandMade extends Node {
	readonly description: INodeTypeDescription = {
		displayName: 'Hand Made',
		name: 'handMade',
		group: ['input'],
		version: 1,
		description: 'Emits items as they are',
		defaults: { name: 'Hand Made' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	constructor(private readonly make: MakeItems) {
		super();
	}

	override async execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = await this.make(context);
		// A Code node is not checked either.
		return [items.map((item) => ({ json: {}, ...item }) as INodeExecutionData)];
	}
}

/** Stores content in n8n's configured store, as a node that returns a file does. */
export async function stored(context: IExecuteFunctions, content: Buffer): Promise<IBinaryData> {
	return await context.helpers.prepareBinaryData(content, 'stored.png');
}

/** What n8n itself decodes from a binary, for example in its HTTP Request node. */
export async function decodedByN8n(binary: unknown): Promise<Buffer> {
	return await container.get(BinaryDataService).getAsBuffer(binary as IBinaryData);
}

function pathOf({ id = '' }: IBinaryData): string {
	return container.get(BinaryDataService).getPath(id);
}

/** Deletes a file of the filesystem store, as n8n does when it prunes an execution. */
export async function deleteStored(binary: IBinaryData): Promise<void> {
	await rm(pathOf(binary));
	await rm(`${pathOf(binary)}.metadata`);
}

/** Changes the bytes of a file of the filesystem store, but not its metadata. */
export async function changeStored(
	binary: IBinaryData,
	change: (content: Buffer) => Buffer,
): Promise<void> {
	const path = pathOf(binary);
	await writeFile(path, change(await readFile(path)));
}
