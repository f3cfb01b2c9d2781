/** How many random inputs to try; `.ci/run` sets more than `npm test`. */
export const inputRuns = Number(process.env.PIKA_INPUT_RUNS ?? 100);

/** Printed with the test's name; set PIKA_INPUT_SEED to it to try the same inputs again. */
export const inputSeed = Number(process.env.PIKA_INPUT_SEED ?? Date.now() % 2 ** 31);
