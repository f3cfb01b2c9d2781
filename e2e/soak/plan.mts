import fc from 'fast-check';
import { channelFullBody, discordLimitBody } from '../../sandbox/contract.cts';
import type { Fault } from '../../sandbox/sandbox.cts';
import { type Kind, KINDS } from './kinds.mts';
import { markOf } from './job-check.cts';

type Action = Fault['do'];

/** A fault that applies to a number of consecutive submissions of an item. */
export interface PlannedFault {
	action: Action;
	times: number;
}

/** What one item is to ask for, and what the API does to its submissions, one after the other. */
export interface ItemPlan {
	prompt: string;
	/** Bytes of the message image behind its signature. */
	payload: number;
	format: 'png' | 'jpg' | 'webp' | 'gif';
	text: string;
	channel: string;
	maxJobs: number;
	/** Minutes, as the node takes them. */
	retryFor: number;
	waitLimit: number;
	/** Empty: the node makes one. */
	replyRef: string;
	/** Whether its callbacks go to a trigger by a URL of its own; else to the account's default. */
	callsTrigger: boolean;
	faults: PlannedFault[];
}

export interface Plan {
	kind: Kind;
	marks: string[];
	items: ItemPlan[];
}

/** Few slots on two of them; a job without a channel is put on any. */
export const ACCOUNTS = [
	{ channel: '1100000000000000001', discord: 'made-up-discord-token-one', maxJobs: 3 },
	{ channel: '1100000000000000002', discord: 'made-up-discord-token-two', maxJobs: 2 },
	{ channel: '1100000000000000003', discord: 'made-up-discord-token-three', maxJobs: 10 },
	{ channel: '1100000000000000004', discord: 'made-up-discord-token-four', maxJobs: 10 },
];

const KIBIBYTE = 1024;
const PLANS_AT_ONCE = 200;
const MANY_TRIES = 1000;

const json = (status: number, error: string) => ({ status, body: { error, code: status } });
const html = (status: number) => ({ status, body: '<html><h1>Bad Gateway</h1></html>' });

function once(action: Action): PlannedFault {
	return { action, times: 1 };
}

/** Definitely no job. The submission is retried by the node or by Retry On Fail. */
const refusal = fc.constantFrom<Action>(
	{ answer: { status: 429, body: channelFullBody(3, ['another']) } },
	{ answer: { status: 429, body: discordLimitBody(3) } },
	{ earlyAnswer: { status: 429, body: channelFullBody(3, ['another']) } },
	{ answer: json(400, 'prompt is missing') },
);

/** No job, but the node cannot know. */
const broken = fc.constantFrom<Action>(
	{ resetBeforeAccepting: 'headers' },
	{ resetBeforeAccepting: 'midway' },
	{ answer: json(500, 'Oops') },
	{ answer: html(502) },
	{ answer: { status: 410, body: '<h1>Gone</h1>' } },
);

const course = fc.record<Action>({
	jobSeconds: fc.oneof(
		{ weight: 3, arbitrary: fc.integer({ min: 0, max: 3 }) },
		{ weight: 4, arbitrary: fc.integer({ min: 4, max: 15 }) },
		{ weight: 2, arbitrary: fc.integer({ min: 16, max: 45 }) },
		// Longer than any wait limit.
		{ weight: 1, arbitrary: fc.constant(180) },
	),
	jobEnd: fc.oneof(
		{ weight: 7, arbitrary: fc.constant('completed' as const) },
		{ weight: 3, arbitrary: fc.constantFrom('failed', 'moderated', 'cancelled') },
	),
	callbacks: fc.oneof(
		{ weight: 6, arbitrary: fc.constant({}) },
		{
			weight: 4,
			arbitrary: fc.constantFrom(
				{ times: 0 },
				{ times: 3 },
				{ isEarly: true },
				{ nonTerminal: true },
				{ nonTerminal: true, times: 2 },
				{ isEarly: true, nonTerminal: true, times: 2 },
			),
		},
	),
});

/** The job is accepted, and this is what the client gets instead of a prompt answer. */
const answerLost = fc.oneof(
	{ weight: 6, arbitrary: fc.constant<Action>({}) },
	{
		weight: 3,
		arbitrary: fc.constantFrom<Action>(
			{ resetAfterAccepting: true },
			{ answerAfterAccepting: html(502) },
			{ answerAfterAccepting: json(504, 'Timeout') },
			{ answerAfterAccepting: { status: 200, body: '{"jobid":' } },
			{ answerAfterAccepting: { status: 200, body: '' } },
		),
	},
	{ weight: 2, arbitrary: fc.integer({ min: 500, max: 15_000 }).map((delay) => ({ delay })) },
);

/** The answer is lost once; how the job goes holds for every try, because a full channel can refuse some of them. */
const accepting = fc.tuple(course, answerLost).map(([job, lost]): PlannedFault[] => {
	const goes = { action: job, times: MANY_TRIES };
	return Object.keys(lost).length === 0 ? [goes] : [once({ ...job, ...lost }), goes];
});

const faults = fc
	.tuple(
		fc.oneof(
			{ weight: 5, arbitrary: fc.constant<Action[]>([]) },
			{ weight: 2, arbitrary: fc.array(refusal, { minLength: 1, maxLength: 2 }) },
		),
		fc.oneof(
			{ weight: 9, arbitrary: accepting },
			{ weight: 1, arbitrary: broken.map((action) => [once(action)]) },
		),
	)
	.map(([before, last]) => [...before.map(once), ...last]);

const item = fc.record({
	words: fc.oneof(
		{ weight: 14, arbitrary: fc.constant('') },
		{ weight: 1, arbitrary: fc.constantFrom('[moderate]', '[invalid]') },
	),
	payload: fc.oneof(
		{ weight: 4, arbitrary: fc.integer({ min: 1, max: 2 * KIBIBYTE }) },
		{ weight: 3, arbitrary: fc.integer({ min: 2 * KIBIBYTE, max: 300 * KIBIBYTE }) },
		{ weight: 2, arbitrary: fc.integer({ min: KIBIBYTE ** 2, max: 4 * KIBIBYTE ** 2 }) },
	),
	format: fc.constantFrom('png' as const, 'jpg' as const, 'webp' as const, 'gif' as const),
	text: fc.constantFrom('HELLO', 'good morning', '42'),
	retryFor: fc.constantFrom(0.3, 0.75, 1.5),
	waitLimit: fc.constantFrom(0.4, 1, 2),
	callsTrigger: fc.boolean(),
	faults,
});

const channel = fc.constantFrom('', ...ACCOUNTS.map((account) => account.channel));

const draft = fc.record({
	kind: fc.constantFrom(...KINDS),
	items: fc.array(item, { minLength: 1, maxLength: 6 }),
	channels: fc.oneof(
		{ weight: 2, arbitrary: channel.map((one) => [one]) },
		{ weight: 1, arbitrary: fc.tuple(channel, channel) },
	),
	maxJobs: fc.integer({ min: 1, max: 4 }),
	replyRefs: fc.oneof(
		{ weight: 6, arbitrary: fc.constant('ours' as const) },
		{ weight: 2, arbitrary: fc.constant('unique' as const) },
		{ weight: 1, arbitrary: fc.constant('shared' as const) },
	),
});

type Draft = typeof draft extends fc.Arbitrary<infer Value> ? Value : never;

/** Reference that all items of an execution share, or that one has alone. */
export function sharedReplyRef(execution: number): string {
	return `shared by execution ${execution}`;
}

function replyRefOf({ replyRefs }: Draft, mark: string, execution: number): string {
	if (replyRefs === 'ours') return '';
	return replyRefs === 'unique' ? `order ${mark}` : sharedReplyRef(execution);
}

function planOf(drafted: Draft, execution: number): Plan {
	const { kind, channels, maxJobs } = drafted;
	const marks = drafted.items.map((_, i) => markOf(execution, i));
	return {
		kind,
		marks,
		items: drafted.items.map(({ words, ...rest }, i) => ({
			...rest,
			prompt: `waves ${marks[i] ?? ''} ${words}`.trim(),
			channel: channels[i % channels.length] ?? '',
			maxJobs,
			replyRef: replyRefOf(drafted, marks[i] ?? '', execution),
			// A wait for callbacks has a reply URL of its own.
			callsTrigger: rest.callsTrigger && kind.completion !== 'callback',
		})),
	};
}

/** An infinite sequence of plans, determined by the seed. */
export function* plansFrom(seed: number): Generator<Plan, never> {
	for (let execution = 0; ; ) {
		for (const drafted of fc.sample(draft, { seed: seed + execution, numRuns: PLANS_AT_ONCE })) {
			execution += 1;
			yield planOf(drafted, execution);
		}
	}
}
