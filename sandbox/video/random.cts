import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
	/** From 0 up to but not including 1. */
	next(): number;
}

/** Numbers that look random, the same for the same seed. */
export function randomFrom(seed: string): Random {
	const generator = xoroshiro128plus(createHash('sha256').update(seed).digest().readInt32LE());
	return { next: () => uniformFloat64(generator) };
}

/** A seed that any change of any part changes. */
export function seedOf(...parts: string[]): string {
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
