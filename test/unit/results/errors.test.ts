import type { INode } from 'n8n-workflow';

import { detailsOf, toNodeApiError } from '../../../nodes/Pika/results/errors';

const node: INode = {
	id: 'node-1',
	name: 'Pika',
	type: 'n8n-nodes-useapi-pika.pika',
	typeVersion: 2,
	position: [0, 0],
	parameters: {},
};

const failure = {
	message: 'The Pika API answered 401: Unauthorized',
	description: 'Open the credential.',
	httpStatus: 401,
	jobid: 'job-1',
	status: 'moderated',
	replyRef: 'ref',
};

describe('toNodeApiError', () => {
	it('toNodeApiError keeps the item, the status, the message and the next step', () => {
		const error = toNodeApiError(node, failure, 2);
		expect(error).toMatchObject({
			message: failure.message,
			description: failure.description,
			httpCode: '401',
			context: {
				itemIndex: 2,
				data: { jobid: 'job-1', status: 'moderated', code: 401, replyRef: 'ref' },
			},
		});
	});

	it.each<[string, string]>([
		['preexisting, in which n8n sees EEXIST', 'The preexisting job'],
		['ECONNRESET', 'may have been submitted: ECONNRESET'],
		['ENOTFOUND', 'could not be reached: ENOTFOUND'],
		['the text “bad gateway”', 'answered 502: Bad gateway'],
		['no text', ''],
	])('toNodeApiError keeps a message with %s', (_, message) => {
		expect(toNodeApiError(node, { ...failure, message }, 0).message).toBe(message);
	});

	it.each<[string, number]>([
		['400', 400],
		['429', 429],
		['500', 500],
		['504', 504],
	])('toNodeApiError does not put n8n’s text for %s before the message', (code, httpStatus) => {
		expect(toNodeApiError(node, { ...failure, httpStatus }, 0)).toMatchObject({
			message: failure.message,
			httpCode: code,
		});
	});

	it.each<[string, string | undefined]>([
		['no job status', undefined],
		['a job that failed', 'failed'],
		['a status that looks like a Node error', 'ENOENT'],
	])('toNodeApiError sets no HTTP code if there was none, with %s', (_, status) => {
		const error = toNodeApiError(node, { ...failure, httpStatus: undefined, status }, 0);
		expect(error.httpCode).toBeNull();
	});

	it('toNodeApiError keeps a description that equals the message', () => {
		const error = toNodeApiError(node, { ...failure, description: failure.message }, 0);
		expect(error.message).toBe(failure.message);
	});

	it('toNodeApiError contains no request, response or header', () => {
		const text = JSON.stringify(toNodeApiError(node, failure, 0));
		expect(text).not.toMatch(/authorization|bearer|headers|\bstack\b/i);
	});
});

describe('detailsOf', () => {
	it('detailsOf leaves out unknown fields', () => {
		expect(detailsOf({ message: 'a', description: 'b', jobid: 'job-1' })).toEqual({
			jobid: 'job-1',
			description: 'b',
		});
	});

	it('detailsOf keeps the job ID, status, code and reply reference', () => {
		expect(detailsOf(failure)).toEqual({
			jobid: 'job-1',
			status: 'moderated',
			code: 401,
			description: 'Open the credential.',
			replyRef: 'ref',
		});
	});
});
