import { Readable } from 'node:stream';

import {
	Node,
	NodeConnectionTypes,
	type IBinaryData,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeTypeDescription,
} from 'n8n-workflow';

/** A file that the source puts into n8n's binary store. */
export interface SourceFile {
	/** Chunks, or a function that starts a stream, are stored as a stream. */
	content: Buffer | Buffer[] | (() => Readable);
	fileName?: string;
	/** By default, n8n derives it from the file name; without either it is application/octet-stream. */
	mimeType?: string;
}

export interface SourceItem {
	json?: IDataObject;
	binary?: Record<string, SourceFile>;
}

/** Starts a workflow: emits the given items; several nodes may each have their own, by node name. */
export class Source extends Node {
	readonly description: INodeTypeDescription = {
		displayName: 'Source',
		name: 'source',
		group: ['input'],
		version: 1,
		description: 'Emits the items of a test',
		defaults: { name: 'Source' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	constructor(private readonly items: SourceItem[] | Record<string, SourceItem[]> = [{}]) {
		super();
	}

	override async execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { name } = context.getNode();
		const items = Array.isArray(this.items) ? this.items : (this.items[name] ?? []);
		return [await Promise.all(items.map(async (item) => await emitted(context, item)))];
	}
}

async function emitted(
	context: IExecuteFunctions,
	{ json = {}, binary }: SourceItem,
): Promise<INodeExecutionData> {
	const item: INodeExecutionData = { json: structuredClone(json), pairedItem: { item: 0 } };
	if (binary === undefined) return item;
	const stored = Object.entries(binary).map(
		async ([name, file]): Promise<[string, IBinaryData]> => [name, await store(context, file)],
	);
	return { ...item, binary: Object.fromEntries(await Promise.all(stored)) };
}

async function store(context: IExecuteFunctions, file: SourceFile): Promise<IBinaryData> {
	const { content, fileName } = file;
	// Without a name and a type n8n loads `file-type`, an ES module, which jest cannot import.
	const mimeType =
		file.mimeType ?? (fileName === undefined ? 'application/octet-stream' : undefined);
	const chunks = Array.isArray(content) ? Readable.from(content) : content;
	const data = typeof chunks === 'function' ? chunks() : chunks;
	return await context.helpers.prepareBinaryData(data, fileName, mimeType);
}
