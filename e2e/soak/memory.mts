import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { z } from 'zod';
import type { Sample } from './trend.cts';

const lineSchema = z.object({
	processId: z.number(),
	/** Milliseconds since 1970. */
	at: z.number(),
	rss: z.number(),
	/** After a full collection; only in some of the lines. */
	liveHeap: z.number().optional(),
	external: z.number().optional(),
});

export type MemoryLine = z.infer<typeof lineSchema>;
export type Measure = 'rss' | 'liveHeap' | 'external';

/** What makes an n8n write its memory into this file. */
export function memoryEnvironment(file: string): Record<string, string> {
	const probe = pathToFileURL(join(import.meta.dirname, 'memory-probe.mts')).href;
	return {
		PIKA_SOAK_MEMORY_FILE: file,
		NODE_OPTIONS: `--expose-gc --import=${probe}`,
	};
}

/** What that process has written so far. */
export async function readMemory(file: string, processId: number): Promise<MemoryLine[]> {
	const text = await readFile(file, 'utf8').catch(() => '');
	return text
		.split('\n')
		.filter((line) => line.endsWith('}'))
		.map((line) => lineSchema.parse(JSON.parse(line)))
		.filter((line) => line.processId === processId);
}

export function samplesOf(lines: readonly MemoryLine[], measure: Measure): Sample[] {
	return lines.flatMap(({ at, [measure]: value }) => (value === undefined ? [] : [{ at, value }]));
}

/** A dash where it was not measured. */
export function megabytes(bytes: number): string {
	return Number.isNaN(bytes) ? '–' : (bytes / 1024 ** 2).toFixed(1);
}
