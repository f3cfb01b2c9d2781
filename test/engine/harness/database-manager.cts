import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { BinaryDataFileNotFoundError, type BinaryData } from 'n8n-core';

interface Row {
	executionId?: string;
	data: Buffer;
	fileName?: string;
	mimeType?: string;
}

/** Behaves like n8n's database store (its class is in the `n8n` package): every file is read whole into memory. */
export class DatabaseManager implements BinaryData.Manager {
	private readonly rows = new Map<string, Row>();

	async init() {
		// n8n's own has nothing to prepare either.
	}

	async store(
		location: BinaryData.FileLocation,
		bufferOrStream: Buffer | Readable,
		metadata: BinaryData.PreWriteMetadata,
	) {
		const data = Buffer.isBuffer(bufferOrStream) ? bufferOrStream : await buffer(bufferOrStream);
		const fileId = randomUUID();
		this.rows.set(fileId, { executionId: executionOf(location), data, ...metadata });
		return { fileId, fileSize: data.length };
	}

	getPath(fileId: string) {
		return `database://${fileId}`;
	}

	async getAsBuffer(fileId: string) {
		return await Promise.resolve(this.row(fileId).data);
	}

	async getAsStream(fileId: string) {
		return Readable.from(await this.getAsBuffer(fileId));
	}

	async getMetadata(fileId: string) {
		const { data, fileName, mimeType } = this.row(fileId);
		return await Promise.resolve({ fileName, mimeType, fileSize: data.length });
	}

	async deleteMany(locations: BinaryData.FileLocation[]) {
		const executions = new Set(locations.map(executionOf));
		for (const [fileId, { executionId }] of this.rows) {
			if (executionId !== undefined && executions.has(executionId)) this.rows.delete(fileId);
		}
		await Promise.resolve();
	}

	async deleteManyByFileId(fileIds: string[]) {
		for (const fileId of fileIds) this.rows.delete(fileId);
		await Promise.resolve();
	}

	async copyByFileId(location: BinaryData.FileLocation, sourceFileId: string) {
		const fileId = randomUUID();
		this.rows.set(fileId, { ...this.row(sourceFileId), executionId: executionOf(location) });
		return await Promise.resolve(fileId);
	}

	async copyByFilePath(
		location: BinaryData.FileLocation,
		path: string,
		metadata: BinaryData.PreWriteMetadata,
	) {
		return await this.store(location, await readFile(path), metadata);
	}

	async rename(oldFileId: string, newFileId: string) {
		this.rows.set(newFileId, this.row(oldFileId));
		this.rows.delete(oldFileId);
		await Promise.resolve();
	}

	private row(fileId: string): Row {
		const row = this.rows.get(fileId);
		if (row === undefined) throw new BinaryDataFileNotFoundError(fileId);
		return row;
	}
}

function executionOf(location: BinaryData.FileLocation): string | undefined {
	if (location.type !== 'execution') return undefined;
	// n8n uses this name for files without an execution.
	return location.executionId || 'temp';
}
