import { createClient } from '../../../nodes/Pika/api/client';
import type { ApiRequest, SendResult } from '../../../nodes/Pika/api/request';

const file = {
	fileName: 'a.png',
	contentType: 'image/png',
	size: 4,
	binary: { data: 'YWJjZA==', mimeType: 'image/png' },
};

function clientThatGets(reply: SendResult) {
	const requests: ApiRequest[] = [];
	const client = createClient(
		async (request) => {
			requests.push(request);
			return reply;
		},
		{ channel: '42', discordToken: 'discord-secret' },
	);
	return { client, requests };
}

const answer = (httpStatus: number, body: unknown): SendResult => ({
	kind: 'answer',
	httpStatus,
	body,
});

describe('Client.submit', () => {
	it('submit posts the form to its endpoint without the empty fields', async () => {
		const { client, requests } = clientThatGets(answer(200, { jobid: 'a', status: 'started' }));
		const outcome = await client.submit({
			endpoint: 'encrypt_image',
			fields: { prompt: ' waves ', font: '', maxJobs: '0', replyRef: 'ref' },
			files: { message: file },
			channel: '7',
		});
		expect(requests).toEqual([
			{
				method: 'POST',
				path: '/v1/pika/encrypt_image',
				multipart: {
					fields: { prompt: ' waves ', maxJobs: '0', replyRef: 'ref', channel: '7' },
					files: { message: file },
				},
			},
		]);
		expect(outcome).toEqual({ kind: 'accepted', job: { jobid: 'a', status: 'started' } });
	});

	it('submit sends one request, whatever the response is', async () => {
		const { client, requests } = clientThatGets({ kind: 'notSent', reason: 'ENOTFOUND' });
		await client.submit({ endpoint: 'create', fields: {}, files: {}, channel: '' });
		expect(requests).toHaveLength(1);
		expect(requests[0]?.multipart?.fields).toEqual({ channel: '42', discord: 'discord-secret' });
	});
});

describe('Client.getJob', () => {
	it.each<[string, string]>([
		['an id', 'job-1'],
		['an id that looks like a path', '../account?x=1&y=2#z'],
		['an id of other letters', 'jöb 🌊'],
	])('getJob passes %s in the query, after the documented slash', async (_, jobid) => {
		const { client, requests } = clientThatGets(answer(200, { jobid, status: 'progress' }));
		expect(await client.getJob(jobid)).toEqual({
			kind: 'found',
			job: { jobid, status: 'progress' },
		});
		expect(requests).toEqual([{ method: 'GET', path: '/v1/pika/jobs/', query: { jobid } }]);
	});

	it.each<[string, SendResult, string]>([
		['an answer without job id', answer(200, { status: 'progress' }), 'found'],
		['an answer without status', answer(200, { jobid: 'job-1' }), 'unreachable'],
		['the list of jobs', answer(200, ['job-1']), 'unreachable'],
		['a page', answer(200, '<html></html>'), 'unreachable'],
		['null', answer(200, null), 'unreachable'],
		['an empty answer', answer(200, ''), 'unreachable'],
		['404', answer(404, { error: 'Unable to locate job job-1', code: 404 }), 'refused'],
		['an empty status', answer(200, { jobid: 'job-1', status: '' }), 'unreachable'],
		[
			'a job that failed with a code of its own',
			answer(200, { jobid: 'job-1', status: 'failed', code: 504 }),
			'found',
		],
		[
			'a job that was moderated, under HTTP 422',
			answer(422, { jobid: 'job-1', status: 'moderated', error: 'Sorry', code: 422 }),
			'found',
		],
		[
			'another job that was moderated, under HTTP 422',
			answer(422, { jobid: 'job-2', status: 'moderated', code: 422 }),
			'refused',
		],
		['422 about the request', answer(422, { error: 'What?', code: 422 }), 'refused'],
		['a status that is a number', answer(200, { status: 7 }), 'unreachable'],
		['a broken connection', { kind: 'broken', reason: 'ECONNRESET' }, 'unreachable'],
		['a stopped execution', { kind: 'cancelled', reason: 'ERR_CANCELED' }, 'cancelled'],
	])('getJob classifies %s', async (_, reply, kind) => {
		expect((await clientThatGets(reply).client.getJob('job-1')).kind).toBe(kind);
	});

	it('getJob does not return the record of another job', async () => {
		const { client } = clientThatGets(answer(200, { jobid: 'job-2', status: 'completed' }));
		expect((await client.getJob('job-1')).kind).not.toBe('found');
	});
});

describe('Client.getRunning', () => {
	it.each<[string, SendResult, unknown]>([
		['ids', answer(200, ['a', 'b']), { kind: 'found', jobids: ['a', 'b'] }],
		['an empty list', answer(200, []), { kind: 'found', jobids: [] }],
		[
			'IDs among other values',
			answer(200, ['a', 7, null, ['b'], {}]),
			{ kind: 'found', jobids: ['a'] },
		],
		['an id twice', answer(200, ['a', 'b', 'a']), { kind: 'found', jobids: ['a', 'b'] }],
		[
			'other values only',
			answer(200, [{ jobid: 'a' }]),
			{ kind: 'unreachable', reason: expect.any(String) },
		],
		[
			'an object',
			answer(200, { jobs: ['a'] }),
			{ kind: 'unreachable', reason: expect.any(String) },
		],
		['a page', answer(200, '<html></html>'), expect.objectContaining({ kind: 'unreachable' })],
		['503', answer(503, ''), expect.objectContaining({ kind: 'unreachable' })],
		['401', answer(401, { error: 'Unauthorized' }), expect.objectContaining({ kind: 'refused' })],
	])('getRunning classifies a response that is or contains %s', async (_, reply, outcome) => {
		const { client, requests } = clientThatGets(reply);
		expect(await client.getRunning()).toEqual(outcome);
		expect(requests).toEqual([{ method: 'GET', path: '/v1/pika/jobs' }]);
	});
});

describe('Client.cancel', () => {
	it.each<[string, SendResult, string]>([
		['the documented answer', answer(200, { jobid: 'job-1', status: 'cancelled' }), 'found'],
		['an answer without fields', answer(200, {}), 'found'],
		['the answer about another job', answer(200, { jobid: 'job-2' }), 'unreachable'],
		['a list', answer(200, ['job-1']), 'unreachable'],
		['an empty answer', answer(200, ''), 'unreachable'],
		['a page', answer(200, '<h1>Log in</h1>'), 'unreachable'],
	])('cancel classifies %s', async (_, reply, kind) => {
		expect((await clientThatGets(reply).client.cancel('job-1')).kind).toBe(kind);
	});

	it('cancel sends one request, with the documented slash', async () => {
		const { client, requests } = clientThatGets({ kind: 'broken', reason: 'ECONNRESET' });
		expect((await client.cancel('job-1')).kind).toBe('unreachable');
		expect(requests).toEqual([
			{ method: 'GET', path: '/v1/pika/jobs/cancel/', query: { jobid: 'job-1' } },
		]);
	});
});
