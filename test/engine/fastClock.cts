import { clock } from '../../nodes/Pika/jobs/clock';

export const TIMES_FASTER = 1000;

export interface FastClock {
	/** What the node asked for, in milliseconds. */
	pauses: number[];
	/** Sets the clock back, as a computer's owner or its time service does; pauses take as long as before. */
	setBack: (milliseconds: number) => void;
}

/**
 * Lets the node's time run a thousand times faster for the tests of the surrounding file: a pause of
 * ten seconds really takes ten milliseconds, and is listed with what the node asked for.
 */
export function useFastClock(): FastClock {
	const real = { ...clock };
	const pauses: number[] = [];
	// Only pauses take time, so that what the node computes from it is the same in every run.
	let reached = 0;
	let isBehindBy = 0;
	beforeEach(() => {
		pauses.length = 0;
		reached = real.now();
		isBehindBy = 0;
		jest.spyOn(clock, 'now').mockImplementation(() => reached - isBehindBy);
		jest.spyOn(clock, 'random').mockReturnValue(0);
		jest.spyOn(clock, 'pause').mockImplementation(async (milliseconds, signal) => {
			pauses.push(milliseconds);
			const end = reached + milliseconds;
			await real.pause(milliseconds / TIMES_FASTER, signal);
			if (!signal?.aborted) reached = Math.max(reached, end);
		});
	});
	afterEach(() => {
		jest.restoreAllMocks();
	});
	return {
		pauses,
		setBack: (milliseconds) => {
			isBehindBy += milliseconds;
		},
	};
}
