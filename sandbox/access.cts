import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { errorBody, UNAUTHORIZED } from './contract.cts';
import { jsonIn } from './control-routes.cts';

export interface Access {
	apiToken: string;
	/** What it listens on. */
	host: string;
	/** Names under which it answers, beside those that no stranger can own. */
	allowedHosts: readonly string[];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;
/** Endings of names that are not in the public name system, where anybody could let a name lead here. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|lan|home\.arpa)$/;
const READING = new Set(['GET', 'HEAD']);
/** What the page needs before its reader has shown the token, and pictures that everybody may have. */
const PUBLIC = /^\/sandbox\/(page|pictures|session)(\/|$)/;

const sessionSchema = z.object({ token: z.string() });

/** True if only programs on this machine can connect to a server that listens there. */
export function isLoopback(host: string): boolean {
	return LOOPBACK.test(host);
}

/**
 * Keeps out what strangers can do to a server in a browser's reach, before anything is recorded: other web pages may
 * neither change nor read anything, under whatever name they have found this server (DNS rebinding). If other machines
 * can connect, the controls ask for the token too; the page trades it for a cookie.
 */
export function guard(server: FastifyInstance, access: Access): void {
	const { apiToken, allowedHosts } = access;
	const isOpen = isLoopback(access.host);
	const allowed = new Set(allowedHosts.map((name) => name.toLowerCase()));
	const session = createHmac('sha256', apiToken).update('session').digest('hex');
	// Cookies do not tell ports apart, so that two sandboxes must not share a name.
	const cookie = `pika_sandbox_${digest(apiToken).toString('hex').slice(0, 12)}`;

	server.addHook('onRequest', async (request, reply) => {
		const { host } = request.headers;
		const route = request.routeOptions.url ?? '';
		const isControl = route.startsWith('/sandbox/');
		const name = nameIn(host);
		if (!isOwn(name, allowed)) {
			return await reply.code(403).send(errorBody(403, notItsName(name)));
		}
		if (isForeign(request) && !isHarmless(request, isControl)) {
			const error = 'The sandbox takes no requests that other web pages make';
			return await reply.code(403).send(errorBody(403, error));
		}
		if (isOpen || !isControl || PUBLIC.test(route)) return;
		if (isSame(request.headers.authorization, `Bearer ${apiToken}`)) return;
		if (isSame(cookieIn(request, cookie), session)) return;
		return await reply.code(401).send(errorBody(401, UNAUTHORIZED));
	});

	server.post('/sandbox/session', (request, reply) => {
		const given = sessionSchema.safeParse(jsonIn(request.body));
		if (!given.success || !isSame(given.data.token, apiToken)) {
			return reply.code(401).send(errorBody(401, UNAUTHORIZED));
		}
		const attributes = 'Path=/; HttpOnly; SameSite=Strict';
		return reply.header('set-cookie', `${cookie}=${session}; ${attributes}`).code(204).send();
	});
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export function isSame(given: string | undefined, expected: string): boolean {
	return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

/** The host's name without its port; empty if it is not one. */
function nameIn(host: string | undefined): string {
	const url = `http://${host ?? ''}`;
	return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : '';
}

/** Addresses, and names that no stranger can let lead here. */
function isOwn(name: string, allowed: ReadonlySet<string>): boolean {
	if (name === '') return false;
	if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return true;
	return !name.includes('.') || PRIVATE_NAME.test(name) || allowed.has(name);
}

function notItsName(name: string): string {
	if (name === '') return 'The Host header of the request names no host';
	return `The sandbox does not answer to the name "${name}". If it is yours, start the sandbox with --allow-host ${name}`;
}

/** Whether a browser sends it for a page of another server. Programs send neither header. */
function isForeign({ headers }: FastifyRequest): boolean {
	const { origin, host = '' } = headers;
	if (origin !== undefined)
		return !URL.canParse(origin) || hostOf(origin) !== hostOf(`http://${host}`);
	return headers['sec-fetch-site'] === 'cross-site' || headers['sec-fetch-site'] === 'same-site';
}

function hostOf(url: string): string {
	return new URL(url).host;
}

/** Following a link changes nothing. Neither does reading what is no control: no other page is let see the answer. */
function isHarmless({ method, headers }: FastifyRequest, isControl: boolean): boolean {
	return READING.has(method) && (!isControl || headers['sec-fetch-mode'] === 'navigate');
}

function cookieIn({ headers }: FastifyRequest, name: string): string | undefined {
	const pairs = (headers.cookie ?? '').split(/; */);
	return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
