// Loaded into n8n's process before n8n itself (--import) to record its memory usage. Node 24 runs TypeScript directly.
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const SAMPLE_EVERY_MS = 5000;
const COLLECT_EVERY = 3;

const { PIKA_SOAK_MEMORY_FILE: file } = process.env;
let count = 0;

async function sample(into: string): Promise<void> {
	// Before the collection, because that is what the machine has to give.
	const rss = process.memoryUsage.rss();
	count += 1;
	if (count % COLLECT_EVERY === 0) await global.gc?.({ type: 'major', execution: 'async' });
	const live = count % COLLECT_EVERY === 0 ? process.memoryUsage() : undefined;
	const { heapUsed: liveHeap, external } = live ?? {};
	const line = { processId: process.pid, at: Date.now(), rss, liveHeap, external };
	appendFileSync(into, `${JSON.stringify(line)}\n`);
}

if (file && isMainThread) {
	setInterval(() => {
		void sample(file);
	}, SAMPLE_EVERY_MS).unref();
}
