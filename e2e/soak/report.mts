import { TERMINAL_STATUSES } from '../../sandbox/contract.cts';
import type { Sandbox } from '../../sandbox/sandbox.cts';
import { checkAnnouncements } from './announcements.cts';
import { checkJobs, kindOf } from './job-check.cts';
import type { Load } from './load.mts';
import { findMissedCallbacks } from './missed-callbacks.cts';
import { type Measure, megabytes, type MemoryLine, samplesOf } from './memory.mts';
import { sharedReplyRef } from './plan.mts';
import { isFlat, type Tolerance, type Trend, trendOf } from './trend.cts';

/** A guarantee and its violations. */
export interface Check {
	name: string;
	faults: string[];
}

export interface Report {
	seed: number;
	minutes: number;
	executions: Record<string, number>;
	items: number;
	/** Of the items that came out of the node; those of failed executions did not. */
	outcomes: Record<string, number>;
	jobs: Record<string, number>;
	requests: Record<string, number>;
	callbacks: Record<string, number>;
	/** Jobs whose waits ran out although n8n had taken their callbacks in time: late, but not lost. */
	missedCallbacks: string[];
	announcements: number;
	memory: Partial<Record<Measure, MeasuredTrend>>;
	checks: Check[];
	troubles: string[];
}

/** Bytes: while the load was steady, and the idle n8n before and after all of it. */
export interface MeasuredTrend extends Trend {
	idleBefore: number;
	start: number;
	end: number;
	idleAfter: number;
}

/** Milliseconds since 1970. */
export interface Course {
	begin: number;
	/** From here on the load was steady. */
	steadyFrom: number;
	/** No new work from here on. */
	end: number;
}

const MEBIBYTE = 1024 ** 2;
const MINUTE_MILLISECONDS = 60_000;

/**
 * The live heap is what a leak grows, and repeats within a few megabytes. What the process takes from the machine also
 * depends on how well its allocator puts freed memory to use, so that is given more room.
 */
export const TOLERANCES: Partial<Record<Measure, Tolerance>> = {
	liveHeap: { share: 0.03, atLeast: 6 * MEBIBYTE },
	rss: { share: 0.05, atLeast: 50 * MEBIBYTE },
};

export function makeReport(
	{ seed, minutes }: { seed: number; minutes: number },
	load: Load,
	sandbox: Sandbox,
	memory: readonly MemoryLine[],
	course: Course,
): Report {
	const { executions, announcements } = load;
	const shared = new Set(executions.map((_, i) => sharedReplyRef(i + 1)));
	const verdict = checkJobs(executions, sandbox.jobs, shared);
	const unfetched = executions
		.filter(({ status, asked, fetched }) => status === 'success' && asked !== fetched)
		.map(({ id, asked, fetched }) => `Execution ${id}: Job: Get gave ${fetched} of ${asked} items`);
	const announced = checkAnnouncements(
		sandbox.callbacks
			.filter(({ url }) => load.triggerUrls.includes(url))
			.map(({ body: { jobid, status }, status: answer }) => ({ jobid, status, answer })),
		announcements,
		TERMINAL_STATUSES,
	);
	const trends = trendsOf(memory, course);
	return {
		seed,
		minutes,
		executions: countsOf(
			executions.map(({ status, plan }) => `${plan.kind.name} ${status ?? 'not ended'}`),
		),
		items: executions.reduce((sum, { marks }) => sum + marks.length, 0),
		jobs: countsOf(sandbox.jobs.map(({ status }) => status)),
		requests: countsOf(
			sandbox.requests.map(({ method, status }) => `${method} ${status ?? 'open'}`),
		),
		callbacks: countsOf(sandbox.callbacks.map(({ status, error }) => String(status ?? error))),
		outcomes: countsOf(executions.flatMap(({ outcomes }) => outcomes).map(kindOf)),
		missedCallbacks: missedCallbacks(load, sandbox),
		announcements: announcements.length,
		memory: trends,
		checks: [
			{ name: 'no item has two jobs', faults: verdict.doubles },
			{ name: 'no job and no item is lost', faults: [...verdict.losses, ...unfetched] },
			{ name: 'every execution has ended', faults: verdict.unended },
			{
				name: 'the triggers announce each job once',
				faults: [
					...announced.repeated.map((each) => `announced again: ${each}`),
					...announced.missing.map((each) => `not announced: ${each}`),
				],
			},
			{ name: 'memory is flat', faults: memoryFaults(trends) },
		],
		troubles: [...load.troubles],
	};
}

function missedCallbacks({ executions }: Load, sandbox: Sandbox): string[] {
	const createdAt = new Map(sandbox.jobs.map(({ jobid, created }) => [jobid, Date.parse(created)]));
	const waits = executions
		.filter(({ plan }) => plan.kind.completion === 'callback')
		.flatMap(({ outcomes, plan }) =>
			outcomes.flatMap(({ item, jobid, timedOut }) => {
				const acceptedAt = createdAt.get(jobid ?? '');
				if (!timedOut || jobid === undefined || acceptedAt === undefined) return [];
				const waitLimitMilliseconds = (plan.items[item]?.waitLimit ?? 0) * MINUTE_MILLISECONDS;
				return [{ jobid, acceptedAt, waitLimitMilliseconds }];
			}),
		);
	const calls = sandbox.callbacks.map(({ body: { jobid, status }, status: answer, endedAt }) => ({
		jobid,
		status,
		answer,
		endedAt,
	}));
	return findMissedCallbacks(waits, calls, TERMINAL_STATUSES);
}

function trendsOf(
	memory: readonly MemoryLine[],
	{ begin, steadyFrom, end }: Course,
): Report['memory'] {
	const measures: Measure[] = ['rss', 'liveHeap', 'external'];
	return Object.fromEntries(
		measures.flatMap((measure) => {
			const all = samplesOf(memory, measure);
			const steady = all.filter(({ at }) => at >= steadyFrom && at <= end);
			const trend = trendOf(steady);
			const [start, last] = [steady[0]?.value ?? NaN, steady.at(-1)?.value ?? NaN];
			const idleBefore = all.findLast(({ at }) => at < begin)?.value ?? NaN;
			const idleAfter = all.at(-1)?.value ?? NaN;
			return trend ? [[measure, { idleBefore, start, end: last, idleAfter, ...trend }]] : [];
		}),
	);
}

function memoryFaults(trends: Report['memory']): string[] {
	return Object.entries(TOLERANCES).flatMap(([measure, tolerance]) => {
		const trend = trends[measure as Measure];
		if (!trend) return [`${measure}: too few samples, the run was too short to judge`];
		const [, second, , last] = trend.quarters;
		if (isFlat(trend, tolerance)) return [];
		return [`${measure} has grown from ${megabytes(second)} to ${megabytes(last)} MB`];
	});
}

function countsOf(words: readonly string[]): Record<string, number> {
	const counts = new Map<string, number>();
	for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
	return Object.fromEntries([...counts].toSorted(([one], [other]) => one.localeCompare(other)));
}
