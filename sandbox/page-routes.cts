import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from './accounts.cts';
import type { Changes } from './changes.cts';
import { masked } from './control-routes.cts';
import type { Exchanges } from './exchanges.cts';
import type { Faults } from './faults.cts';
import type { Jobs } from './jobs.cts';
import { MAGIC_WORDS } from './magic-words.cts';
import type { Sandbox } from './sandbox.cts';

export interface PageParts {
	accounts: Accounts;
	changes: Changes;
	exchanges: Exchanges;
	faults: Faults;
	jobs: Jobs;
}

/** More entries would make the page slow without being useful. */
const SHOWN = { jobs: 40, requests: 60, callbacks: 40 };
/** Changes within this time are announced together. */
const PAUSE_MS = 150;
/** The page shows data from callers of the API, which must never run as code. */
const POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	'media-src blob:',
	"connect-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join('; ');

const PAGE = join(__dirname, 'page');
/** Preact with hooks and templates in a single file that browsers can load directly. */
const PREACT = join(dirname(require.resolve('htm')), '..', 'preact', 'standalone.module.js');
const FILES: [path: string, file: string, type: string][] = [
	['/', join(PAGE, 'index.html'), 'text/html; charset=utf-8'],
	['/sandbox/page/page.css', join(PAGE, 'page.css'), 'text/css; charset=utf-8'],
	['/sandbox/page/page.js', join(PAGE, 'page.js'), 'text/javascript; charset=utf-8'],
	['/sandbox/page/preact.js', PREACT, 'text/javascript; charset=utf-8'],
];

/** Serves the page at `/` and its data. */
export function pageRoutes(server: FastifyInstance, sandbox: Sandbox, parts: PageParts): void {
	const { accounts, changes, exchanges, faults, jobs } = parts;
	for (const [path, file, type] of FILES) {
		const content = readFileSync(file);
		server.get(path, (_request, reply) =>
			reply
				.headers({
					'content-security-policy': POLICY,
					'x-content-type-options': 'nosniff',
					'referrer-policy': 'no-referrer',
					'cache-control': 'no-cache',
				})
				.type(type)
				.send(content),
		);
	}

	// Contains the token. access.cts admits only users of the controls.
	server.get('/sandbox/guide', (_request, reply) =>
		reply.header('cache-control', 'no-store').send({
			apiToken: sandbox.apiToken,
			pictures: ['message.png', 'reference.png'].map((name) => `/sandbox/pictures/${name}`),
			magicWords: MAGIC_WORDS,
		}),
	);

	server.get('/sandbox/state', () =>
		masked({
			accounts: accounts
				.list()
				.map((account) => ({ ...account, running: jobs.running(account.channel) })),
			settings: sandbox.settings,
			faults: faults.list(),
			totals: {
				jobs: sandbox.jobs.length,
				requests: sandbox.requests.length,
				callbacks: sandbox.callbacks.length,
			},
			jobs: sandbox.jobs
				.slice(-SHOWN.jobs)
				.reverse()
				.map((job) => ({
					...job,
					thumbnails: Object.keys(jobs.productionOf(job.jobid)?.thumbnails ?? {}),
				})),
			requests: sandbox.requests
				.slice(-SHOWN.requests)
				.reverse()
				.map((request) => ({ ...request, answer: exchanges.responseOf(request) })),
			callbacks: sandbox.callbacks.slice(-SHOWN.callbacks).reverse(),
		}),
	);

	server.get('/sandbox/events', (request, reply) => {
		reply.hijack();
		const { raw } = reply;
		raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
		const sendChanges = async () => {
			let seen = -1;
			while (!raw.destroyed) {
				seen = await changes
					.waitFor(() => changes.count !== seen && { count: changes.count })
					.then(({ count }) => count);
				raw.write(`data: ${seen}\n\n`);
				await setTimeout(PAUSE_MS);
			}
		};
		// Rejects when the sandbox stops.
		sendChanges().catch(() => request.raw.socket.destroy());
	});

	server.get<{ Params: { jobid: string; name: string } }>(
		'/sandbox/jobs/:jobid/:name.webp',
		(request, reply) => {
			const { jobid, name } = request.params;
			const thumbnails = jobs.productionOf(jobid)?.thumbnails;
			const picture = name === 'message' || name === 'image' ? thumbnails?.[name] : undefined;
			if (!picture) return reply.code(404).send({ error: 'Picture not found' });
			return reply.header('x-content-type-options', 'nosniff').type('image/webp').send(picture);
		},
	);

	server.get<{ Params: { jobid: string } }>(
		'/sandbox/jobs/:jobid/video.mp4',
		async (request, reply) => {
			const outcome = jobs.productionOf(request.params.jobid)?.outcome;
			if (!outcome || 'problem' in outcome) {
				return await reply.code(404).send({ error: 'Video not found' });
			}
			return await reply.type('video/mp4').send(await outcome.video.bytes());
		},
	);
}
