/** The node's output for one item. */
export interface Outcome {
	/** The input item that it is paired to. */
	item: number;
	jobid?: string | undefined;
	error?: string | undefined;
	/** The wait ended before the job did. */
	timedOut?: boolean | undefined;
}

export interface CheckedExecution {
	id: string;
	/** A mark that stands in the prompt of this item and of no other, in the order of the items. */
	marks: string[];
	/** n8n's, at the end; absent where it has not ended. */
	status?: string | undefined;
	/** Why it failed: the words of the message and of the description. */
	error?: string | undefined;
	outcomes: Outcome[];
}

export interface CheckedJob {
	jobid: string;
	prompt?: string | undefined;
	replyRef?: string | undefined;
}

/** Each entry says in words what is wrong. */
export interface JobFindings {
	doubles: string[];
	losses: string[];
	unended: string[];
}

const ENDED = ['success', 'error'];
const UNSURE = 'may have been submitted';

/** Compares the jobs of the API with the outcomes of the executions' items. */
export function checkJobs(
	executions: readonly CheckedExecution[],
	jobs: readonly CheckedJob[],
	/** References that several items were given on purpose. */
	sharedReplyRefs: ReadonlySet<string> = new Set(),
): JobFindings {
	const byMark = jobsByMark(jobs);
	const marks = new Set(executions.flatMap((execution) => execution.marks));
	const strangers = jobs.filter((job) => !marks.has(markIn(job) ?? ''));
	return {
		doubles: [
			...doublesIn(byMark, 'item'),
			...doublesIn(jobsByReplyRef(jobs, sharedReplyRefs), 'reply reference'),
		],
		losses: [
			...strangers.map(({ jobid }) => `The job ${jobid} belongs to no execution`),
			...executions.filter(hasEnded).flatMap((execution) => lossesOf(execution, byMark)),
		],
		unended: executions
			.filter((execution) => !hasEnded(execution))
			.map(({ id, status = 'without an end' }) => `Execution ${id} is ${status}`),
	};
}

/** A short label for an outcome, for counting. */
export function kindOf({ error, jobid, timedOut }: Outcome): string {
	if (error?.includes(UNSURE)) return 'unsure whether there is a job';
	if (timedOut) return jobid === undefined ? 'no slot in time' : 'the wait limit was over';
	return error === undefined ? 'has its job' : 'has an error';
}

/** The mark of one item, which no other item's mark contains. */
export function markOf(execution: number, item: number): string {
	return `#${execution}.${item}#`;
}

function markIn({ prompt = '' }: CheckedJob): string | undefined {
	return /#\d+\.\d+#/.exec(prompt)?.[0];
}

function hasEnded({ status = '' }: CheckedExecution): boolean {
	return ENDED.includes(status);
}

function grouped(
	jobs: readonly CheckedJob[],
	keyOf: (job: CheckedJob) => string | undefined,
): Map<string, CheckedJob[]> {
	const groups = new Map<string, CheckedJob[]>();
	for (const job of jobs) {
		const key = keyOf(job);
		if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), job]);
	}
	return groups;
}

function jobsByMark(jobs: readonly CheckedJob[]): Map<string, CheckedJob[]> {
	return grouped(jobs, markIn);
}

function jobsByReplyRef(
	jobs: readonly CheckedJob[],
	shared: ReadonlySet<string>,
): Map<string, CheckedJob[]> {
	return grouped(jobs, ({ replyRef }) => (shared.has(replyRef ?? '') ? undefined : replyRef));
}

function doublesIn(groups: Map<string, CheckedJob[]>, what: string): string[] {
	return [...groups]
		.filter(([, jobs]) => jobs.length > 1)
		.map(([key, jobs]) => `${what} ${key} has ${jobs.map(({ jobid }) => jobid).join(' and ')}`);
}

function lossesOf(execution: CheckedExecution, byMark: Map<string, CheckedJob[]>): string[] {
	return execution.marks.flatMap((mark, item) => {
		const fault = faultOf(execution, item, byMark.get(mark) ?? []);
		return fault === undefined ? [] : [`Execution ${execution.id}, item ${mark}: ${fault}`];
	});
}

/** The problem with one item of an execution that has ended. */
function faultOf(
	execution: CheckedExecution,
	item: number,
	jobs: readonly CheckedJob[],
): string | undefined {
	const outcomes = execution.outcomes.filter((outcome) => outcome.item === item);
	if (outcomes.length > 1) return `it came out ${outcomes.length} times`;
	const [outcome] = outcomes;
	const untraced = jobs.find((job) => !isTraced(job, outcome, execution.error));
	if (untraced) return `nothing tells of its job ${untraced.jobid}`;
	const { jobid } = outcome ?? {};
	if (jobid !== undefined && !jobs.some((job) => job.jobid === jobid)) {
		return `it holds ${jobid}, which is not its job`;
	}
	const says = outcome?.error ?? execution.error;
	return jobs.length === 0 && says === undefined ? 'it has neither a job nor an error' : undefined;
}

/**
 * An item's own outcome may say that it is unsure without a name, because it is about this item alone. The error of a
 * whole execution must name the job or its reply reference.
 */
function isTraced(job: CheckedJob, outcome: Outcome | undefined, error = ''): boolean {
	const { jobid, replyRef } = job;
	const own = outcome?.error ?? '';
	return (
		outcome?.jobid === jobid ||
		own.includes(jobid) ||
		own.includes(UNSURE) ||
		error.includes(jobid) ||
		(replyRef !== undefined && error.includes(UNSURE) && error.includes(replyRef))
	);
}
