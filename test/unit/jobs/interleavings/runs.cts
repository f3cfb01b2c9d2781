/** The number of interleavings to try. */
export const interleavings = Number(process.env.PIKA_INTERLEAVINGS ?? 500);

/** A failure prints both: set them to try the same interleaving again. */
export const interleavingsSeed = Number(
	process.env.PIKA_INTERLEAVINGS_SEED ?? Date.now() % 2 ** 31,
);
export const interleavingsPath = process.env.PIKA_INTERLEAVINGS_PATH;
