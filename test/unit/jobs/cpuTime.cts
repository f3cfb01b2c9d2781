/** The number of items up to which the time of runs is measured; not measured by default. */
export const itemsToTime = Number(process.env.PIKA_SCALE_ITEMS ?? 0);

/** Milliseconds that this process has computed so far: other processes do not count. */
export function cpuTime(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}
