// Runs in the process that is measured.

/** The growth of each to its own peak, in bytes. What malloc keeps after it was freed is in `all` alone. */
export interface MemoryGrowth {
	/** Resident memory. */
	all: number;
	/** Buffers that V8 has not freed yet, whether or not they are in use. */
	buffers: number;
	/** V8's heap. */
	heap: number;
}

let start: MemoryGrowth | undefined;
let peak: MemoryGrowth | undefined;
let timer: NodeJS.Timeout | undefined;

function look(): void {
	const { rss, arrayBuffers, heapTotal } = process.memoryUsage();
	const now = { all: rss, buffers: arrayBuffers, heap: heapTotal };
	start ??= now;
	peak = {
		all: Math.max(now.all, peak?.all ?? 0),
		buffers: Math.max(now.buffers, peak?.buffers ?? 0),
		heap: Math.max(now.heap, peak?.heap ?? 0),
	};
}

/** Begins to look at the memory of this process. */
export function begin({ everyMilliseconds }: { everyMilliseconds: number }): void {
	clearInterval(timer);
	start = undefined;
	peak = undefined;
	look();
	timer = setInterval(look, everyMilliseconds);
}

/** Ends it, and gives what it saw. */
export function end(): MemoryGrowth {
	clearInterval(timer);
	look();
	if (!start || !peak) throw new Error('end() was called before begin()');
	return {
		all: peak.all - start.all,
		buffers: peak.buffers - start.buffers,
		heap: peak.heap - start.heap,
	};
}
