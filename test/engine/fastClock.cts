import { clock } from '../../nodes/Pika/run/clock';

const TIMES_FASTER = 1000;

/**
 * Lets the node's time run a thousand times faster for the tests of the surrounding file: a pause of
 * ten seconds really takes ten milliseconds, and is listed with what the node asked for.
 */
export function useFastClock(): { pauses: number[] } {
	const real = { ...clock };
	const pauses: number[] = [];
	beforeEach(() => {
		pauses.length = 0;
		const start = real.now();
		jest.spyOn(clock, 'now').mockImplementation(() => start + (real.now() - start) * TIMES_FASTER);
		jest.spyOn(clock, 'random').mockReturnValue(0);
		jest.spyOn(clock, 'pause').mockImplementation(async (milliseconds, signal) => {
			pauses.push(milliseconds);
			await real.pause(milliseconds / TIMES_FASTER, signal);
		});
	});
	afterEach(() => {
		jest.restoreAllMocks();
	});
	return { pauses };
}
