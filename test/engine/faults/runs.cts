/** How many random sequences to try; `.ci/run` asks for more than `npm test`. */
export const faultRuns = Number(process.env.PIKA_FAULT_RUNS ?? 60);

/** Printed with the test's name; set PIKA_FAULT_SEED to it to try the same sequences again. */
export const faultSeed = Number(process.env.PIKA_FAULT_SEED ?? Date.now() % 2 ** 31);
