/** How long jobs take in all if each slot takes the next job in the instant in which it becomes free. */
export function idealSeconds(durations: readonly number[], slots: number): number {
	const freeAt = Array.from({ length: slots }, () => 0);
	for (const duration of durations) {
		const first = freeAt.indexOf(Math.min(...freeAt));
		freeAt[first] = (freeAt[first] ?? 0) + duration;
	}
	return Math.max(0, ...freeAt);
}
