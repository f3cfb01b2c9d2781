import { join } from 'node:path';
import { z } from 'zod';
import { findFreePort } from '../../scripts/free-port.mts';
import { Companion } from './companion.mts';
import { Inspector } from '../../scripts/inspector.mts';

const answerSchema = z.object({ startedAt: z.number(), milliseconds: z.number() });

export interface BareUpload {
	url: string;
	token: string;
	fields: Record<string, string>;
	/** The file on disk, and its size in bytes. */
	file: string;
	size: number;
	count: number;
	atOnce: number;
}

/** Uploads with Node's own streams, in a process of its own. */
export class BareUploader {
	readonly #companion: Companion;

	readonly inspector: Inspector;

	private constructor(companion: Companion, inspector: Inspector) {
		this.#companion = companion;
		this.inspector = inspector;
	}

	static async start(node: string): Promise<BareUploader> {
		const port = await findFreePort();
		// Published over HTTP alone, Node does not print where it listens.
		const inspect = [`--inspect=127.0.0.1:${port}`, '--inspect-publish-uid=http'];
		const companion = await Companion.start(node, 'bare-upload.mts', [], inspect);
		return new BareUploader(companion, new Inspector(port));
	}

	get processId(): number {
		return this.#companion.processId;
	}

	async upload(wanted: BareUpload): Promise<z.infer<typeof answerSchema>> {
		return answerSchema.parse(await this.#companion.ask(wanted));
	}

	stop(): void {
		this.#companion.stop();
	}
}

/** The same upload in the process that the inspector belongs to: what that process makes of Node's own streams. */
export async function uploadInside(inspector: Inspector, wanted: BareUpload): Promise<number> {
	const file = join(import.meta.dirname, 'bare-stream.mts');
	return answerSchema.parse(await inspector.call(file, 'uploadBare', wanted)).milliseconds;
}
