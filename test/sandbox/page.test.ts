import { SUBMISSION_RULES } from '../../sandbox/contract.cts';
import { patternOf, pictureOf } from '../video/patterns.cts';
import { acceptedJobid, call } from './client';
import { sha256 } from './raw-client.cts';
import { useSandbox } from './useSandbox';

const SECRET = 'made-up-discord-token';

const sandbox = useSandbox({
	jobSeconds: Infinity,
	videos: 'rendered',
	videoWidth: 80,
	videoFrames: 4,
});

async function look() {
	return (await call(sandbox, 'GET', '/sandbox/state', undefined, {})).body;
}

describe('The page of the sandbox', () => {
	it.each(['/', '/sandbox/page/page.js', '/sandbox/page/page.css', '/sandbox/page/preact.js'])(
		'The policy of %s allows only scripts of the page itself.',
		async (path) => {
			const { status, headers } = await call(sandbox, 'GET', path, undefined, {});
			expect(status).toBe(200);
			expect(headers.get('content-security-policy')).toMatch(
				/^default-src 'none'; script-src 'self';/,
			);
			expect(headers.get('x-content-type-options')).toBe('nosniff');
		},
	);

	it('The page receives the accounts with their slots, the jobs, the requests with their responses, and the settings.', async () => {
		const message = await pictureOf(patternOf('one'));
		const jobid = await acceptedJobid(sandbox, { message, prompt: 'dunes' });
		await call(sandbox, 'GET', '/v1/pika/jobs');
		const state = await look();
		expect(state).toMatchObject({
			accounts: [{ maxJobs: 10, running: [jobid] }],
			settings: { videoWidth: 80 },
			faults: [],
			totals: { jobs: 1, requests: 2, callbacks: 0 },
			jobs: [{ jobid, prompt: 'dunes', status: expect.any(String) }],
			requests: [
				{ method: 'GET', status: 200, answer: [jobid] },
				{ method: 'POST', status: 200, answer: { jobid, status: 'started' } },
			],
		});
	});

	it.each(SUBMISSION_RULES)(
		'The page offers faults for submissions to $endpoint.',
		async ({ endpoint }) => {
			const { body } = await call(sandbox, 'GET', '/sandbox/page/page.js', undefined, {});
			const [, listed = ''] = /SUBMISSIONS = \[(.*?)\]/s.exec(String(body)) ?? [];
			expect(listed).toContain(`'${endpoint}'`);
		},
	);

	it('The data of the page contains no token.', async () => {
		const channel = '1100000000000000002';
		const account = { channel, discord: SECRET, maxJobs: 3 };
		await call(sandbox, 'POST', `/v1/pika/account/${channel}`, account);
		await call(sandbox, 'GET', '/v1/pika/account');
		const text = JSON.stringify(await look());
		expect(text).toContain(channel);
		expect(text).not.toContain(SECRET);
		expect(text).not.toContain(sandbox.apiToken);
	});

	it('The page receives the pictures and the video of a job in requests that are not recorded.', async () => {
		const message = await pictureOf(patternOf('one'));
		const jobid = await acceptedJobid(sandbox, { message });
		sandbox.finishJob(jobid);
		await sandbox.waitFor(() => sandbox.jobs.some(({ status }) => status === 'completed'));
		const [job] = (await look()).jobs;
		expect(job.thumbnails).toEqual(['message']);
		const bytesOf = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());
		const thumbnail = await fetch(`${sandbox.baseUrl}/sandbox/jobs/${jobid}/message.webp`);
		expect(thumbnail.headers.get('content-type')).toBe('image/webp');
		const shown = await bytesOf(`${sandbox.baseUrl}/sandbox/jobs/${jobid}/video.mp4`);
		expect(sandbox.requests).toHaveLength(1);
		// The file behind a link ends with the stamp of the video.
		const linked = await bytesOf(job.attachments[0].url);
		expect(sha256(linked.slice(0, shown.length))).toBe(sha256(shown));
	});

	it.each(['message.webp', 'image.webp', 'video.mp4', 'other.webp', '..%2fx.webp'])(
		'If a job has no %s, the response is 404.',
		async (file) => {
			const jobid = await acceptedJobid(sandbox);
			for (const id of [jobid, 'unknown']) {
				expect((await call(sandbox, 'GET', `/sandbox/jobs/${id}/${file}`)).status).toBe(404);
			}
		},
	);

	it('The page is notified of every change.', async () => {
		const { body } = await fetch(`${sandbox.baseUrl}/sandbox/events`);
		const reader = body!.getReader();
		const next = async () => String.fromCharCode(...((await reader.read()).value ?? []));
		const first = await next();
		expect(first).toMatch(/^data: \d+\n\n$/);
		sandbox.addFault({ on: {}, do: { delay: 1 } });
		const second = await next();
		expect(second).toMatch(/^data: \d+\n\n$/);
		expect(second).not.toBe(first);
		await reader.cancel();
	});
});
