import type { FastifyInstance } from 'fastify';
import type { Accounts } from './accounts.cts';
import type { Callbacks } from './callbacks.cts';
import { channelFullBody, errorBody, SUBMISSION_RULES, type SubmissionRule } from './contract.cts';
import type { Exchange, Exchanges } from './exchanges.cts';
import { recordOf, type JobPlan, type Jobs, type SandboxJob } from './jobs.cts';
import {
	endingFor,
	endingOf,
	dropsCallback,
	submissionErrorOf,
	secondsOf,
} from './magic-words.cts';
import { maskDiscord } from './masking.cts';
import type { UseapiAccount } from './useapi-account.cts';
import type { Settings } from './settings.cts';
import { stampOf } from './stamp.cts';
import type { Studio } from './video/studio.cts';
import { inputOf, buttonErrorOf, formErrorOf, channelRequestOf } from './submission.cts';

export interface SubmitContext {
	settings: Settings;
	accounts: Accounts;
	useapiAccount: UseapiAccount;
	jobs: Jobs;
	callbacks: Callbacks;
	exchanges: Exchanges;
	studio: Studio;
}

/** The five POST endpoints that create jobs. */
export function submitRoutes(server: FastifyInstance, context: SubmitContext): void {
	for (const rule of SUBMISSION_RULES) {
		server.post(`/v1/pika/${rule.endpoint}`, async (request, reply) => {
			const exchange = context.exchanges.of(request);
			if (!exchange) throw new Error('A submission is always recorded');
			const body = await submit(rule, exchange, context);
			return await reply.code(body.code).send(body);
		});
	}
}

/** Guess: errors are checked in the order 400, 429, 422, after 401 and 402. */
async function submit(rule: SubmissionRule, exchange: Exchange, context: SubmitContext) {
	const { action, json, record } = exchange;
	const { accounts, callbacks, jobs, useapiAccount, settings } = context;
	const { fields } = record;
	// Guess: a JSON body counts as an empty form. Only multipart is documented.
	const error = json ? rule.missing : formErrorOf(rule, record);
	if (error !== undefined) return errorBody(400, error);

	const parent = rule.endpoint === 'button' ? jobs.find(fields.jobid ?? '') : undefined;
	if (rule.endpoint === 'button') {
		const buttonError = buttonErrorOf(parent, fields);
		if (buttonError) return buttonError;
	}
	const requested = parent
		? { ...channelRequestOf(fields), channel: parent.channel }
		: channelRequestOf(fields);
	const choice = accounts.choose(requested, (channel) => jobs.running(channel));
	if (choice.kind === 'missing') return errorBody(400, rule.missing);
	if (choice.kind === 'full') return channelFullBody(choice.maxJobs, choice.executingJobs);

	const prompt = parent?.prompt ?? fields.prompt ?? '';
	const input = {
		...inputOf(rule, record, useapiAccount.replyUrl),
		// Guess: a job created by a button has the prompt of its parent, and the parent's ID in parentJobId.
		...(parent ? { parentJobId: parent.jobid, ...(prompt ? { prompt } : {}) } : {}),
		discord: maskDiscord(choice.discord),
		channel: choice.channel,
		maxJobs: choice.maxJobs,
	};
	const submissionError = submissionErrorOf(prompt);
	if (submissionError) {
		// Guess: no callback is sent for a submission that is rejected with 422.
		const { jobid } = jobs.reject(input, submissionError);
		const { error: text, ...details } = submissionError;
		return errorBody(422, text, { ...details, jobid, status: 'moderated' });
	}
	const callbackPlan = action?.callbacks ?? (dropsCallback(prompt) ? { times: 0 } : undefined);
	const plan: JobPlan = {
		seconds: action?.jobSeconds ?? secondsOf(prompt) ?? settings.jobSeconds,
		origin: `http://${record.headers.host ?? ''}`,
		stamp: stampOf(rule.verb, record),
		ending: action?.jobEnd ? endingFor(action.jobEnd) : endingOf(prompt),
		...(callbackPlan ? { callbacks: callbackPlan } : {}),
		...productionFor(rule, exchange, context, parent),
	};
	const job = jobs.accept(input, plan);
	const answer = recordOf(job);
	if (action?.callbacks?.isEarly) {
		await plan.production?.settled;
		jobs.finish(job.jobid);
		await callbacks.settled(job.jobid);
	}
	return answer;
}

/** Starts to render the job's video, unless all jobs get the canned clip. */
function productionFor(
	{ endpoint }: SubmissionRule,
	{ record: { fields }, files }: Exchange,
	{ jobs, settings, studio }: SubmitContext,
	parent: SandboxJob | undefined,
): Pick<JobPlan, 'production'> {
	if (settings.videos === 'canned') return {};
	if (parent) {
		const production = jobs.productionOf(parent.jobid)?.retry();
		return production ? { production } : {};
	}
	const { prompt = '', font = '' } = fields;
	const text = endpoint === 'encrypt_text' ? (fields.message ?? '') : '';
	const size = { width: settings.videoWidth, frames: settings.videoFrames };
	return { production: studio.begin({ endpoint, prompt, text, font, files }, size) };
}
