import { createHash, timingSafeEqual } from 'node:crypto';

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

/** True where the caller knows the secret; never where there is none. Takes the same time for every wrong one. */
export function verifyToken(expected: string | undefined, given: unknown): boolean {
	if (!expected || typeof given !== 'string') return false;
	return timingSafeEqual(digest(expected), digest(given));
}
