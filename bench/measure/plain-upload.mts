// Runs in a process of its own: uploads from files as simply as Node can, to a server that reads and forgets.
import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { begin, end } from './memory-growth.mts';

/** A URL, a file, how often to upload it, and how many uploads there are at a time. */
const [url = '', file = '', count = '', atOnce = ''] = process.argv.slice(2);
const EVERY_MILLISECONDS = 5;

async function upload(): Promise<void> {
	const sent = request(url, { method: 'POST' });
	createReadStream(file).pipe(sent);
	const [response] = (await once(sent, 'response')) as [IncomingMessage];
	await once(response.resume(), 'end');
}

async function uploadAll(): Promise<void> {
	let left = Number(count);
	const lane = async () => {
		while (left > 0) {
			left -= 1;
			await upload();
		}
	};
	await Promise.all(Array.from({ length: Number(atOnce) }, lane));
}

process.once('message', () => {
	void (async () => {
		await upload();
		globalThis.gc?.();
		begin({ everyMilliseconds: EVERY_MILLISECONDS });
		await uploadAll();
		process.send?.(end());
	})();
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
