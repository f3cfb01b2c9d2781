// Runs in a separate process, so that nothing delays it.
import { closeSync, openSync, readSync } from 'node:fs';
import type { Sample } from './memory-sampler.mts';

const [processId, everyMilliseconds] = process.argv.slice(2).map(Number);
const buffer = Buffer.alloc(4096);
let samples: Sample[] = [];
let timer: NodeJS.Timeout | undefined;

function residentBytes(): number {
	const file = openSync(`/proc/${processId ?? 'self'}/status`, 'r');
	try {
		const text = buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
		const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
		if (kibibytes === undefined) throw new Error(`Process ${processId} has no resident memory.`);
		return Number(kibibytes) * 1024;
	} finally {
		closeSync(file);
	}
}

function sample(): void {
	samples.push({ at: Date.now(), bytes: residentBytes() });
}

process.on('message', (message: 'start' | 'stop') => {
	clearInterval(timer);
	if (message === 'start') {
		samples = [];
		timer = setInterval(sample, everyMilliseconds);
	}
	sample();
	process.send?.(samples);
});

// Ends with its parent process.
process.on('disconnect', () => process.exit());
process.send?.('ready');
