import { createCipheriv, createHash } from 'node:crypto';

export interface Random {
	/** Returns a number from 0 up to, but not including, 1. */
	next(): number;
}

const ZEROS = Buffer.alloc(64 * 1024);
const NUMBER_BYTES = 4;

/** Pseudorandom numbers from the key stream of AES in counter mode. */
export function randomFrom(seed: string): Random {
	const key = createHash('sha256').update(seed).digest();
	const cipher = createCipheriv('aes-256-ctr', key, ZEROS.subarray(0, 16));
	let numbers = Buffer.alloc(0);
	let at = 0;
	return {
		next: () => {
			if (at === numbers.length) {
				numbers = cipher.update(ZEROS);
				at = 0;
			}
			at += NUMBER_BYTES;
			return numbers.readUInt32LE(at - NUMBER_BYTES) / 2 ** 32;
		},
	};
}

/** A seed that depends on every part. */
export function seedOf(...parts: string[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
