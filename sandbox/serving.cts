import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSameSecret } from './access.cts';
import { errorBody, NO_SUBSCRIPTION, SUBMISSION_RULES, UNAUTHORIZED } from './contract.cts';
import type { Exchange, Exchanges } from './exchanges.cts';
import type { FaultResponse, Faults } from './faults.cts';
import type { Settings } from './settings.cts';
import { readUpload, type UploadReading } from './upload.cts';

export interface ServingContext {
	apiToken: string;
	settings: Settings;
	exchanges: Exchanges;
	faults: Faults;
	/** Aborted when the sandbox stops. */
	stopping: AbortSignal;
	log: (line: string) => void;
}

// Long enough for the response to arrive, short enough to interrupt the upload.
const LINGER_MS = 100;
const needsSubscription = new Set([
	...SUBMISSION_RULES.map((rule) => rule.endpoint),
	'jobs/',
	'jobs',
	'jobs/cancel',
]);

/**
 * Handles all requests except those to the controls: records them, applies faults, and checks token and subscription.
 * Guess: 401 and 402 come before other errors, after the upload has been read.
 */
export function serveRecorded(server: FastifyInstance, context: ServingContext): void {
	const { exchanges, faults, settings, stopping, log } = context;
	const isControl = ({ raw: { url = '' }, routeOptions }: FastifyRequest) =>
		routeOptions.url === '/' || url.startsWith('/sandbox/');

	server.addHook('onRequest', async (request, reply) => {
		if (isControl(request)) return;
		const exchange = exchanges.open(request, reply);
		exchange.isComplete = request.method === 'GET';
		faults.assign(exchange);
		if (exchange.action?.resetBeforeAccepting === 'headers')
			return resetConnection(exchange, request, reply);
	});

	server.addHook('preHandler', async (request, reply) => {
		const exchange = exchanges.of(request);
		if (!exchange) return;
		const end = await recordBody(request, exchange, {
			decide: () => {
				faults.assign(exchange);
			},
			keepsFiles: settings.videos === 'rendered',
		});
		exchanges.changed();
		const { action } = exchange;
		if (end === 'reset') return resetConnection(exchange, request, reply);
		if (end === 'earlyAnswer' && action?.earlyAnswer) {
			return respondEarly(action.earlyAnswer, exchange, request, reply);
		}
		if (action?.answer) return sendFaultResponse(action.answer, reply);
		const error = authorizationError(exchange, request.headers.authorization);
		if (error) return reply.code(error.code).send(error);
	});

	server.addHook('onSend', async (request, reply, payload) => {
		const exchange = exchanges.of(request);
		if (!exchange) return payload;
		const { action, record } = exchange;
		if (action?.delay !== undefined) {
			await setTimeout(action.delay, undefined, { signal: stopping }).catch(() => undefined);
		}
		let answer = payload;
		if (action?.answerAfterAccepting) {
			reply.removeHeader('content-length').removeHeader('content-type');
			answer = withJobid(bodyOf(action.answerAfterAccepting, reply) ?? '', payload);
		}
		if (action?.resetAfterAccepting) exchanges.reset(exchange, request);
		else record.status = reply.statusCode;
		exchanges.keepResponse(exchange, answer);
		log(`${record.method} ${record.path} ${record.status ?? ''}`);
		return answer;
	});

	function authorizationError({ record }: Exchange, authorization: string | undefined) {
		if (!/^\/v[12]\//.test(record.path)) return undefined;
		if (!isSameSecret(authorization, `Bearer ${context.apiToken}`))
			return errorBody(401, UNAUTHORIZED);
		if (settings.subscriptionIsActive || !needsSubscription.has(record.endpoint)) return undefined;
		return errorBody(402, NO_SUBSCRIPTION);
	}

	function resetConnection(
		exchange: Exchange,
		request: FastifyRequest,
		reply: FastifyReply,
	): FastifyReply {
		reply.hijack();
		exchanges.reset(exchange, request);
		log(`${exchange.record.method} ${exchange.record.path} reset`);
		return reply;
	}

	async function respondEarly(
		answer: FaultResponse,
		exchange: Exchange,
		request: FastifyRequest,
		reply: FastifyReply,
	): Promise<FastifyReply> {
		reply.hijack();
		const body = bodyOf(answer, reply) ?? '';
		exchange.record.status = answer.status;
		reply.raw.writeHead(answer.status, {
			...Object.fromEntries(Object.entries(reply.getHeaders()).map(([n, v]) => [n, String(v)])),
			'content-length': Buffer.byteLength(body),
			connection: 'close',
		});
		reply.raw.end(body);
		await setTimeout(LINGER_MS, undefined, { signal: stopping }).catch(() => undefined);
		request.raw.socket.destroy();
		return reply;
	}
}

/** Guess: the response also has the error format if the router rejects a request, such as one with an invalid path. */
export function sendRouterError(
	{ statusCode = 400, message }: Error & { statusCode?: number },
	_request: FastifyRequest,
	reply: FastifyReply,
): void {
	void reply.code(statusCode).send(errorBody(statusCode, message));
}

/** Reads a form or a JSON body into the record. Other bodies are ignored. */
async function recordBody(request: FastifyRequest, exchange: Exchange, reading: UploadReading) {
	if (request.isMultipart()) return await readUpload(request, exchange, reading);
	const json = objectIn(request.body);
	if (json) {
		exchange.json = json;
		for (const [name, value] of Object.entries(json)) {
			exchange.record.fields[name] = typeof value === 'string' ? value : JSON.stringify(value);
		}
	}
	exchange.isComplete = true;
	reading.decide();
	if (exchange.action?.resetBeforeAccepting) return 'reset';
	return exchange.action?.earlyAnswer ? 'earlyAnswer' : 'complete';
}

function objectIn(body: unknown): Record<string, unknown> | undefined {
	if (typeof body !== 'string') return undefined;
	try {
		const parsed: unknown = JSON.parse(body);
		return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
	} catch {
		return undefined;
	}
}

function sendFaultResponse(answer: FaultResponse, reply: FastifyReply): FastifyReply {
	return reply.send(bodyOf(answer, reply));
}

/** Inserts the job ID of the original response. */
function withJobid(body: string, replaced: unknown): string {
	const [, jobid = ''] = /"jobid":"([^"]*)"/.exec(String(replaced)) ?? [];
	return body.replaceAll('<jobid>', jobid);
}

/** Sets the status and the headers of a fault's response and returns its body. */
function bodyOf(answer: FaultResponse, reply: FastifyReply): string | undefined {
	reply.code(answer.status).headers(answer.headers ?? {});
	if (answer.body === undefined) return undefined;
	const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
	const isHtml = body.trimStart().startsWith('<');
	reply.type(answer.contentType ?? (isHtml ? 'text/html; charset=utf-8' : 'application/json'));
	return body;
}
