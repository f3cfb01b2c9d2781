/** How many random sequences to try; `.ci/run` asks for more than `npm test`. */
export const faultRuns = Number(process.env.PIKA_FAULT_RUNS ?? 60);

/** Set to repeat a sequence that a failing run has printed. */
export const faultSeed =
	process.env.PIKA_FAULT_SEED === undefined ? undefined : Number(process.env.PIKA_FAULT_SEED);
