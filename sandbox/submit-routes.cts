import type { FastifyInstance } from 'fastify';
import type { Accounts } from './accounts.cts';
import type { Callbacks } from './callbacks.cts';
import { channelFullBody, errorBody, SUBMISSION_RULES, type SubmissionRule } from './contract.cts';
import type { Exchange, Exchanges } from './exchanges.cts';
import { recordOf, type JobCourse, type Jobs, type SandboxJob } from './jobs.cts';
import { endingFor, endingOf, losesCallback, refusalOf, secondsOf } from './magic-words.cts';
import { maskDiscord } from './masking.cts';
import type { PlatformAccount } from './platform-account.cts';
import type { Settings } from './settings.cts';
import { stampOf } from './stamp.cts';
import type { Studio } from './video/studio.cts';
import { inputOf, parentRefusal, refusalTextOf, wishOf } from './submission.cts';

export interface Submitting {
	settings: Settings;
	accounts: Accounts;
	platformAccount: PlatformAccount;
	jobs: Jobs;
	callbacks: Callbacks;
	exchanges: Exchanges;
	studio: Studio;
}

/** The five POST endpoints that create jobs. */
export function submitRoutes(server: FastifyInstance, submitting: Submitting): void {
	for (const rule of SUBMISSION_RULES) {
		server.post(`/v1/pika/${rule.endpoint}`, async (request, reply) => {
			const exchange = submitting.exchanges.of(request);
			if (!exchange) throw new Error('A submission is always recorded');
			const body = await submit(rule, exchange, submitting);
			return await reply.code(body.code).send(body);
		});
	}
}

/** Guess: checks in the order 400, 429, 422; 401 and 402 came before. */
async function submit(rule: SubmissionRule, exchange: Exchange, submitting: Submitting) {
	const { action, json, record } = exchange;
	const { accounts, callbacks, jobs, platformAccount, settings } = submitting;
	const { fields } = record;
	// Guess: a JSON body counts as a form without values; only multipart is documented.
	const error = json ? rule.missing : refusalTextOf(rule, record);
	if (error !== undefined) return errorBody(400, error);

	const parent = rule.endpoint === 'button' ? jobs.find(fields.jobid ?? '') : undefined;
	if (rule.endpoint === 'button') {
		const refusal = parentRefusal(parent, fields);
		if (refusal) return refusal;
	}
	const wish = parent ? { ...wishOf(fields), channel: parent.channel } : wishOf(fields);
	const choice = accounts.choose(wish, (channel) => jobs.running(channel));
	if (choice.kind === 'missing') return errorBody(400, rule.missing);
	if (choice.kind === 'full') return channelFullBody(choice.maxJobs, choice.executingJobs);

	const prompt = parent?.prompt ?? fields.prompt ?? '';
	const input = {
		...inputOf(rule, record, platformAccount.replyUrl),
		// Guess: a button job repeats its parent's prompt, and has its ID in parentJobId.
		...(parent ? { parentJobId: parent.jobid, ...(prompt ? { prompt } : {}) } : {}),
		discord: maskDiscord(choice.discord),
		channel: choice.channel,
		maxJobs: choice.maxJobs,
	};
	const refusal = refusalOf(prompt);
	if (refusal) {
		// Guess: a submission refused with 422 does not call replyUrl.
		const { jobid } = jobs.refuse(input, refusal);
		const { error: text, ...details } = refusal;
		return errorBody(422, text, { ...details, jobid, status: 'moderated' });
	}
	const callbackPlan = action?.callbacks ?? (losesCallback(prompt) ? { times: 0 } : undefined);
	const course: JobCourse = {
		seconds: action?.jobSeconds ?? secondsOf(prompt) ?? settings.jobSeconds,
		origin: `http://${record.headers.host ?? ''}`,
		stamp: stampOf(rule.verb, record),
		ending: action?.jobEnd ? endingFor(action.jobEnd) : endingOf(prompt),
		...(callbackPlan ? { callbacks: callbackPlan } : {}),
		...productionFor(rule, exchange, submitting, parent),
	};
	const job = jobs.accept(input, course);
	const answer = recordOf(job);
	if (action?.callbacks?.isEarly) {
		await course.production?.settled;
		jobs.finish(job.jobid);
		await callbacks.settled(job.jobid);
	}
	return answer;
}

/** Begins to render the job's video, where it gets one of its own. */
function productionFor(
	{ endpoint }: SubmissionRule,
	{ record: { fields }, files }: Exchange,
	{ jobs, settings, studio }: Submitting,
	parent: SandboxJob | undefined,
): Pick<JobCourse, 'production'> {
	if (settings.videos === 'canned') return {};
	if (parent) {
		const production = jobs.productionOf(parent.jobid)?.again();
		return production ? { production } : {};
	}
	const { prompt = '', font = '' } = fields;
	const text = endpoint === 'encrypt_text' ? (fields.message ?? '') : '';
	const size = { width: settings.videoWidth, frames: settings.videoFrames };
	return { production: studio.begin({ endpoint, prompt, text, font, files }, size) };
}
