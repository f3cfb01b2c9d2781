import { createHash, timingSafeEqual } from 'node:crypto';

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

/** True if the caller knows the secret, never if there is none. Takes the same time for every wrong token. */
export function verifyToken(expected: string | undefined, given: unknown): boolean {
	if (!expected || typeof given !== 'string') return false;
	return timingSafeEqual(digest(expected), digest(given));
}
