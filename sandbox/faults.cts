import { z } from 'zod';
import type { Changes } from './changes.cts';
import { ENDPOINTS, SUBMISSION_RULES, TERMINAL_STATUSES } from './contract.cts';
import type { Exchange, RecordedRequest } from './exchanges.cts';

const responseSchema = z
	.object({
		status: z.number().int().min(200).max(599),
		/** An object is sent as JSON, a string as is (HTML, invalid JSON). Without it, the body is empty. */
		body: z.unknown().optional(),
		/** Default: text/html if the body begins with '<', otherwise application/json. */
		contentType: z.string().optional(),
		headers: z.record(z.string()).optional(),
	})
	.strict();

const conditionSchema = z
	.object({
		method: z.string().optional(),
		/** The path without the query string. A '*' at the end matches any rest. */
		path: z.string().optional(),
		endpoint: z.enum(ENDPOINTS).optional(),
		/** The first matching request that the fault applies to, counted from 1. */
		nth: z.number().int().positive().default(1),
		/** The number of matching requests that the fault applies to, starting with that one. */
		times: z.number().int().positive().default(1),
		/** The field must contain the given text (jobid: the query or the field). */
		match: z
			.object({
				replyRef: z.string().optional(),
				prompt: z.string().optional(),
				jobid: z.string().optional(),
			})
			.strict()
			.optional(),
	})
	.strict();

const callbackPlanSchema = z
	.object({
		/** Sends each callback this many times at once. 0 sends none. */
		times: z.number().int().nonnegative().optional(),
		/** Ends the job and sends the callback before the response to the POST. */
		isEarly: z.boolean().optional(),
		/** Also sends callbacks for the statuses started and progress. */
		nonTerminal: z.boolean().optional(),
	})
	.strict();

const actionSchema = z
	.object({
		/** Reads the whole request, and sends this response without creating or changing anything. */
		answer: responseSchema.optional(),
		/** Sends this response at the first bytes of a file, and closes the connection. */
		earlyAnswer: responseSchema.optional(),
		/** Resets the connection without creating a job: after the headers, or halfway through the upload. */
		resetBeforeAccepting: z.enum(['headers', 'midway']).optional(),
		/** Processes the request, and resets the connection instead of responding. */
		resetAfterAccepting: z.boolean().optional(),
		/** Processes the request, and sends this response instead. `<jobid>` in it stands for the job's ID. */
		answerAfterAccepting: responseSchema.optional(),
		/** Processes the request, and delays the response by this many milliseconds. */
		delay: z.number().nonnegative().optional(),
		/** How many seconds the accepted job takes. */
		jobSeconds: z.number().nonnegative().optional(),
		/** How the accepted job ends. */
		jobEnd: z.enum(TERMINAL_STATUSES).optional(),
		callbacks: callbackPlanSchema.optional(),
		/** Discards files without hashing them. Only their name, type and size are recorded. */
		keepNothing: z.boolean().optional(),
	})
	.strict();

export const faultSchema = z.object({ on: conditionSchema.default({}), do: actionSchema }).strict();

export type Fault = z.input<typeof faultSchema>;
export type FaultAction = z.output<typeof actionSchema>;
export type FaultResponse = z.output<typeof responseSchema>;
export type CallbackPlan = z.output<typeof callbackPlanSchema>;
type Condition = z.output<typeof conditionSchema>;

interface ActiveFault {
	on: Condition;
	do: FaultAction;
	matched: number;
}

/** The pending faults, in the order in which they were added. At most one applies to a request. */
export class Faults {
	private active: ActiveFault[] = [];
	private readonly countedFaults = new WeakMap<RecordedRequest, Set<ActiveFault>>();

	constructor(private readonly changes: Changes) {}

	/** Throws a ZodError if the fault is invalid. */
	add(fault: unknown): void {
		const parsed = faultSchema.parse(fault);
		this.active.push({ on: parsed.on, do: parsed.do, matched: 0 });
		this.changes.announce();
	}

	clear(): void {
		this.active = [];
		this.changes.announce();
	}

	list(): (z.output<typeof faultSchema> & { matched: number })[] {
		return this.active.map((fault) => ({ ...fault }));
	}

	/** Assigns a fault as soon as it is known to apply. A `match` waits until its field has arrived. */
	assign(exchange: Exchange): void {
		if (exchange.action) return;
		for (const fault of this.active) {
			if (!matchesRequest(fault.on, exchange.record)) continue;
			if (!canApply(fault.do, exchange.record)) continue;
			if (!matchesContent(fault.on.match, exchange.record)) {
				if (exchange.isComplete) continue;
				return;
			}
			if (!this.countMatch(fault, exchange.record)) continue;
			exchange.action = fault.do;
			return;
		}
	}

	private countMatch(fault: ActiveFault, record: RecordedRequest): boolean {
		const countedFaults = this.countedFaults.get(record) ?? new Set();
		this.countedFaults.set(record, countedFaults);
		if (countedFaults.has(fault)) return false;
		countedFaults.add(fault);
		fault.matched += 1;
		const last = fault.on.nth + fault.on.times - 1;
		if (fault.matched >= last) this.active = this.active.filter((other) => other !== fault);
		return fault.matched >= fault.on.nth;
	}
}

function matchesRequest(condition: Condition, record: RecordedRequest): boolean {
	const { method, path, endpoint } = condition;
	if (method !== undefined && method.toUpperCase() !== record.method) return false;
	if (endpoint !== undefined && endpoint !== record.endpoint) return false;
	if (path === undefined) return true;
	return path.endsWith('*') ? record.path.startsWith(path.slice(0, -1)) : record.path === path;
}

/** Actions on a job apply only to requests that create one. */
function canApply(
	{ jobSeconds, jobEnd, callbacks }: FaultAction,
	record: RecordedRequest,
): boolean {
	if (jobSeconds === undefined && jobEnd === undefined && callbacks === undefined) return true;
	const { method, endpoint } = record;
	return method === 'POST' && SUBMISSION_RULES.some((rule) => rule.endpoint === endpoint);
}

function matchesContent(match: Condition['match'], record: RecordedRequest): boolean {
	if (!match) return true;
	const { fields, query } = record;
	const isIn = (wanted: string | undefined, text = '') =>
		wanted === undefined || text.includes(wanted);
	return (
		isIn(match.replyRef, fields.replyRef) &&
		isIn(match.prompt, fields.prompt) &&
		isIn(match.jobid, query.jobid ?? fields.jobid)
	);
}
