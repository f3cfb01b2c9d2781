import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestListener } from 'node:http';

const bytes = (...parts: (string | number[])[]) =>
	Buffer.concat(
		parts.map((part) =>
			typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
		),
	);
const filling = Array<number>(5000).fill(7);

/** The beginnings of videos of several formats; the first is complete. */
export const VIDEOS = {
	mp4: readFileSync(join(__dirname, '../../../sandbox/assets/video.mp4')),
	webm: bytes([0x1a, 0x45, 0xdf, 0xa3, 1, 0, 0, 0], filling),
	mov: bytes([0, 0, 0, 20], 'ftypqt  ', [0, 0, 2, 0], filling),
	avi: bytes('RIFF', [1, 2, 3, 4], 'AVI LIST', filling),
	gif: bytes('GIF89a', [1, 0, 1, 0, 0x80, 0, 0], filling),
	tiny: bytes([0, 0, 0, 20], 'ftypisom', [0, 0, 2, 0]),
};

/** Answers with a file in one piece. */
export function serve(content: Buffer, type = 'video/mp4', status = 200): RequestListener {
	return (_request, response) => {
		response.writeHead(status, { 'content-type': type, 'content-length': content.length });
		response.end(content);
	};
}

/** Answers with a status and nothing else. */
export function status(code: number, headers: Record<string, string> = {}): RequestListener {
	return (_request, response) => response.writeHead(code, headers).end('none');
}

/** Announces a whole video, sends a part of it, and then does what the test requires. */
export function truncated(then: 'end' | 'reset' | 'stall'): RequestListener {
	return (_request, response) => {
		const { mp4 } = VIDEOS;
		response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': mp4.length });
		response.write(mp4.subarray(0, mp4.length / 2), () => {
			if (then === 'end') response.socket?.end();
			if (then === 'reset') response.socket?.destroy();
		});
	};
}

/** Answers requests in turn; the last answer stays. */
export function inTurn(...answers: RequestListener[]): RequestListener {
	let next = 0;
	return (request, response) => {
		const answer = answers[Math.min(next, answers.length - 1)];
		next += 1;
		answer?.(request, response);
	};
}

/** Shortens the node's time limits to this time. */
export function shortenTimeouts(milliseconds: number): void {
	const timeout = AbortSignal.timeout.bind(AbortSignal);
	jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(milliseconds));
}
