import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { errorBody, UNAUTHORIZED } from './contract.cts';
import { jsonIn } from './control-routes.cts';

export interface Access {
	apiToken: string;
	/** The host to listen on. */
	host: string;
	/** Host names to accept, in addition to those that an attacker cannot register. */
	allowedHosts: readonly string[];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;
/** Suffixes that public DNS does not serve. Anyone can point a name in public DNS at this server. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|lan|home\.arpa)$/;
const SAFE_METHODS = new Set(['GET', 'HEAD']);
/** What the page needs before the user has signed in, and the example pictures. */
const PUBLIC = /^\/sandbox\/(page|pictures|session)(\/|$)/;

const sessionSchema = z.object({ token: z.string() });

/** True if only programs on this machine can connect to a server that listens there. */
export function isLoopback(host: string): boolean {
	return LOOPBACK.test(host);
}

/**
 * Protects the server from other web pages in the user's browser, before anything is recorded: they can neither change
 * nor read anything, not even through DNS rebinding. If other machines can connect, the controls also require the
 * token, which the page exchanges for a cookie.
 */
export function guard(server: FastifyInstance, access: Access): void {
	const { apiToken, allowedHosts } = access;
	const isLocalOnly = isLoopback(access.host);
	const allowed = new Set(allowedHosts.map((name) => name.toLowerCase()));
	const session = createHmac('sha256', apiToken).update('session').digest('hex');
	// Cookies do not distinguish ports, so each sandbox needs a cookie name of its own.
	const cookie = `pika_sandbox_${digest(apiToken).toString('hex').slice(0, 12)}`;

	server.addHook('onRequest', async (request, reply) => {
		const { host } = request.headers;
		const route = request.routeOptions.url ?? '';
		const isControl = route.startsWith('/sandbox/');
		const name = hostnameIn(host);
		if (!isAllowedHost(name, allowed)) {
			return await reply.code(403).send(errorBody(403, unknownHostMessage(name)));
		}
		if (isFromOtherSite(request) && !isSafe(request, isControl)) {
			const error = 'The sandbox does not accept requests from other web pages';
			return await reply.code(403).send(errorBody(403, error));
		}
		if (isLocalOnly || !isControl || PUBLIC.test(route)) return;
		if (isSameSecret(request.headers.authorization, `Bearer ${apiToken}`)) return;
		if (isSameSecret(cookieIn(request, cookie), session)) return;
		return await reply.code(401).send(errorBody(401, UNAUTHORIZED));
	});

	server.post('/sandbox/session', (request, reply) => {
		const given = sessionSchema.safeParse(jsonIn(request.body));
		if (!given.success || !isSameSecret(given.data.token, apiToken)) {
			return reply.code(401).send(errorBody(401, UNAUTHORIZED));
		}
		const attributes = 'Path=/; HttpOnly; SameSite=Strict';
		return reply.header('set-cookie', `${cookie}=${session}; ${attributes}`).code(204).send();
	});
}

/** Compares two strings in constant time. */
export function isSameSecret(given: string | undefined, expected: string): boolean {
	return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}

/** The host name without the port; empty if the header is invalid. */
function hostnameIn(host: string | undefined): string {
	const url = `http://${host ?? ''}`;
	return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, '') : '';
}

/** Accepts IP addresses, names that an attacker cannot register, and allowed names. */
function isAllowedHost(name: string, allowed: ReadonlySet<string>): boolean {
	if (name === '') return false;
	if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return true;
	return !name.includes('.') || PRIVATE_NAME.test(name) || allowed.has(name);
}

function unknownHostMessage(name: string): string {
	if (name === '') return 'The Host header of the request is missing or invalid';
	return `The sandbox does not answer to the name "${name}". If it is yours, start the sandbox with --allow-host ${name}`;
}

/** Whether a browser sends the request for a page of another server. Other programs send neither header. */
function isFromOtherSite({ headers }: FastifyRequest): boolean {
	const { origin, host = '' } = headers;
	if (origin !== undefined)
		return !URL.canParse(origin) || hostOf(origin) !== hostOf(`http://${host}`);
	return headers['sec-fetch-site'] === 'cross-site' || headers['sec-fetch-site'] === 'same-site';
}

function hostOf(url: string): string {
	return new URL(url).host;
}

/** Following a link changes nothing, and neither does reading the API. Browsers hide the responses from other pages. */
function isSafe({ method, headers }: FastifyRequest, isControl: boolean): boolean {
	return SAFE_METHODS.has(method) && (!isControl || headers['sec-fetch-mode'] === 'navigate');
}

function cookieIn({ headers }: FastifyRequest, name: string): string | undefined {
	const pairs = (headers.cookie ?? '').split(/; */);
	return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
