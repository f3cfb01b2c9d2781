import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';

/**
 * Counts how often the functions, loops and branches of a folder run: V8 does that, so the same work gives the same number
 * on every machine. What built-in functions do inside is not counted. For the tests of the surrounding describe, before
 * any other test of its file: V8 counts loops and branches only in what it has not compiled before.
 */
export function useOperationCount(
	counted = '/nodes/Pika/jobs/',
): (act: () => Promise<unknown>) => Promise<number> {
	const session = new Session();
	beforeAll(async () => {
		// Optimized code does not count.
		setFlagsFromString('--no-opt');
		session.connect();
		await session.post('Profiler.enable');
		await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
	});
	afterAll(() => {
		session.disconnect();
		setFlagsFromString('--opt');
	});
	const countSinceLast = async () => {
		const { result } = await session.post('Profiler.takePreciseCoverage');
		return result
			.filter(({ url }) => url.includes(counted))
			.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
			.reduce((sum, { count }) => sum + count, 0);
	};
	return async (act) => {
		await countSinceLast();
		await act();
		return await countSinceLast();
	};
}
