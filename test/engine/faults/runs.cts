/** How many random sequences to try; `.ci/run` sets more than `npm test`. */
export const faultRuns = Number(process.env.PIKA_FAULT_RUNS ?? 15);

/** A failure prints both; set them to try the same sequences again. */
export const faultSeed = Number(process.env.PIKA_FAULT_SEED ?? Date.now() % 2 ** 31);
export const faultPath = process.env.PIKA_FAULT_PATH;

/** A failure prints it as JSON: set it to play this sequence alone. */
export const faultSequence = process.env.PIKA_FAULT_SEQUENCE;

const wantedKinds = (process.env.PIKA_FAULT_KINDS ?? '').split(',').filter(Boolean);

/** Whether random sequences may contain this kind: PIKA_FAULT_KINDS may list words of allowed kinds, separated by commas. */
export function isKindWanted(kind: string): boolean {
	return (
		wantedKinds.length === 0 ||
		wantedKinds.some((word) => kind.toLowerCase().includes(word.trim().toLowerCase()))
	);
}
