import { RunningJobsReader } from '../../../nodes/Pika/jobs/runningJobs';
import { contextOf, fakeRun, inTurn, running } from './fakeClient';

function reading(...lists: ReturnType<typeof running>[]) {
	const [first = running(), ...others] = lists;
	const run = fakeRun({ getRunning: inTurn(first, ...others) });
	const reader = new RunningJobsReader(contextOf(run));
	const pass = async (milliseconds: number) => await run.clock.run(run.clock.pause(milliseconds));
	return { run, reader, pass };
}

const ids = (list: { jobids: Set<string> } | undefined) => [...(list?.jobids ?? [])];

describe('RunningJobsReader', () => {
	it('RunningJobsReader sends one request for all callers that ask while the list is being read', async () => {
		const { run, reader } = reading(running('a'));
		const [one, other] = await Promise.all([reader.read(), reader.read()]);
		expect([ids(one), ids(other), run.requests]).toEqual([['a'], ['a'], ['list']]);
	});

	it('RunningJobsReader reuses a list for ten seconds for callers that accept a recent one', async () => {
		const { run, reader, pass } = reading(running('a'), running('b'));
		await reader.read();
		await pass(9_999);
		expect(ids(await reader.readOrRecent())).toEqual(['a']);
		await pass(1);
		expect(ids(await reader.readOrRecent())).toEqual(['b']);
		expect(run.requests).toEqual(['list', 'list']);
	});

	it('RunningJobsReader sends no second request within ten seconds if the list cannot be read', async () => {
		const unreachable = { kind: 'unreachable', reason: 'HTTP 503' } as const;
		const run = fakeRun({ getRunning: () => unreachable });
		const reader = new RunningJobsReader(contextOf(run));
		expect([await reader.read(), await reader.readOrRecent()]).toEqual([undefined, undefined]);
		expect(run.requests).toEqual(['list']);
	});
});
