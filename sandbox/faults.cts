import { z } from 'zod';
import type { Changes } from './changes.cts';
import { ENDPOINTS, SUBMISSION_RULES, TERMINAL_STATUSES } from './contract.cts';
import type { Exchange, RecordedRequest } from './exchanges.cts';

const answerSchema = z
	.object({
		status: z.number().int().min(200).max(599),
		/** An object goes out as JSON, a text as it is (HTML, broken JSON), nothing as an empty body. */
		body: z.unknown().optional(),
		/** Default: text/html for a text that begins with '<', else application/json. */
		contentType: z.string().optional(),
		headers: z.record(z.string()).optional(),
	})
	.strict();

const conditionSchema = z
	.object({
		method: z.string().optional(),
		/** The whole path without query, or its beginning followed by '*'. */
		path: z.string().optional(),
		endpoint: z.enum(ENDPOINTS).optional(),
		/** The fault begins with this matching request, counted from 1. */
		nth: z.number().int().positive().default(1),
		/** How many matching requests it befalls from there on. */
		times: z.number().int().positive().default(1),
		/** Each text given must be contained in the field (jobid: in the query or the field). */
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
		/** Send each callback this many times, all at once; 0: none. */
		times: z.number().int().nonnegative().optional(),
		/** End the job and call before the POST is answered. */
		isEarly: z.boolean().optional(),
		/** Call for started and progress too. */
		nonTerminal: z.boolean().optional(),
	})
	.strict();

const actionSchema = z
	.object({
		/** Answer this instead of doing anything (after the whole upload was read). */
		answer: answerSchema.optional(),
		/** Answer this at the upload's first file bytes, then close the connection. */
		earlyAnswer: answerSchema.optional(),
		/** Reset the connection and create no job: at the headers, or with half of the upload read. */
		resetBeforeAccepting: z.enum(['headers', 'midway']).optional(),
		/** Do the work, then reset the connection without an answer. */
		resetAfterAccepting: z.boolean().optional(),
		/** Do the work, then answer this in its place; `<jobid>` in it stands for the job's id. */
		answerAfterAccepting: answerSchema.optional(),
		/** Do the work, then hold the answer back for this many milliseconds. */
		delay: z.number().nonnegative().optional(),
		/** The accepted job takes this many seconds. */
		jobSeconds: z.number().nonnegative().optional(),
		/** The accepted job ends this way. */
		jobEnd: z.enum(TERMINAL_STATUSES).optional(),
		callbacks: callbackPlanSchema.optional(),
		/** Drain the file parts without hashing them; only name, type and size are recorded. */
		keepNothing: z.boolean().optional(),
	})
	.strict();

export const faultSchema = z.object({ on: conditionSchema.default({}), do: actionSchema }).strict();

export type Fault = z.input<typeof faultSchema>;
export type FaultAction = z.output<typeof actionSchema>;
export type FaultAnswer = z.output<typeof answerSchema>;
export type CallbackPlan = z.output<typeof callbackPlanSchema>;
type Condition = z.output<typeof conditionSchema>;

interface ActiveFault {
	on: Condition;
	do: FaultAction;
	matched: number;
}

/** The misbehaviours asked for, in the order they were added; one request suffers at most one. */
export class Faults {
	private active: ActiveFault[] = [];
	private readonly counted = new WeakMap<RecordedRequest, Set<ActiveFault>>();

	constructor(private readonly changes: Changes) {}

	/** Throws a ZodError where the fault is not one. */
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

	/** Gives the exchange its fault as soon as it is decided: a `match` waits for the field it looks at. */
	assign(exchange: Exchange): void {
		if (exchange.action) return;
		for (const fault of this.active) {
			if (!meets(fault.on, exchange.record)) continue;
			if (!suits(fault.do, exchange.record)) continue;
			if (!matches(fault.on.match, exchange.record)) {
				if (exchange.isComplete) continue;
				return;
			}
			if (!this.befalls(fault, exchange.record)) continue;
			exchange.action = fault.do;
			return;
		}
	}

	private befalls(fault: ActiveFault, record: RecordedRequest): boolean {
		const counted = this.counted.get(record) ?? new Set();
		this.counted.set(record, counted);
		if (counted.has(fault)) return false;
		counted.add(fault);
		fault.matched += 1;
		const last = fault.on.nth + fault.on.times - 1;
		if (fault.matched >= last) this.active = this.active.filter((other) => other !== fault);
		return fault.matched >= fault.on.nth;
	}
}

function meets(condition: Condition, record: RecordedRequest): boolean {
	const { method, path, endpoint } = condition;
	if (method !== undefined && method.toUpperCase() !== record.method) return false;
	if (endpoint !== undefined && endpoint !== record.endpoint) return false;
	if (path === undefined) return true;
	return path.endsWith('*') ? record.path.startsWith(path.slice(0, -1)) : record.path === path;
}

/** What is asked of a job can befall only a request that makes one. */
function suits({ jobSeconds, jobEnd, callbacks }: FaultAction, record: RecordedRequest): boolean {
	if (jobSeconds === undefined && jobEnd === undefined && callbacks === undefined) return true;
	const { method, endpoint } = record;
	return method === 'POST' && SUBMISSION_RULES.some((rule) => rule.endpoint === endpoint);
}

function matches(match: Condition['match'], record: RecordedRequest): boolean {
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
