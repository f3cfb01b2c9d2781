import { SANDBOX_CHANNEL } from '../../sandbox/sandbox.cts';
import { call, encryptImageForm, formOf, picture, submit } from './client';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox();

const missing = 'message, prompt, discord or channel value is missing';
const tooLong = 'prompt, replyRef or replyUrl is too long';

describe('encrypt_image', () => {
	it('encrypt_image accepts a job, and the response is as documented.', async () => {
		const { status, body } = await submit(sandbox, {
			prompt: 'waves -w 2 -size 100',
			message: picture(92, 'image/jpeg'),
			image: picture(23, 'image/webp'),
			discord: 'a-discord-token-of-mine',
			channel: '1100000000000000009',
			maxJobs: '3',
			replyRef: 'reference 1',
			replyUrl: 'http://127.0.0.1:1/never',
		});
		expect(status).toBe(200);
		expect(body).toEqual({
			jobid: expect.stringMatching(/^[\w-]+-[\w-]+$/),
			verb: 'pika-encrypt_image',
			status: 'started',
			created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
			updated: expect.stringMatching(/Z$/),
			message: { size: 92, type: 'image/jpeg' },
			prompt: 'waves -w 2 -size 100',
			image: { size: 23, type: 'image/webp' },
			discord: 'a-d…secured…ine',
			channel: '1100000000000000009',
			maxJobs: 3,
			replyUrl: 'http://127.0.0.1:1/never',
			replyRef: 'reference 1',
			messageId: expect.stringMatching(/^\d{19}$/),
			content: expect.stringContaining('Message: 1 Attachment  Image: 1 Attachment'),
			timestamp: expect.stringMatching(/\.\d{6}\+00:00$/),
			code: 200,
		});
	});

	it('encrypt_image uses the configured channel with its token and its maxJobs.', async () => {
		const { body } = await submit(sandbox);
		expect(body).toMatchObject({
			discord: 'mad…secured…box',
			channel: SANDBOX_CHANNEL,
			maxJobs: 10,
		});
	});

	it.each([
		['no message', { message: undefined }, missing],
		['no prompt', { prompt: undefined }, missing],
		['an empty prompt', { prompt: '' }, missing],
		['discord without channel', { discord: 'a-discord-token' }, missing],
		['a channel that is not configured', { channel: '1100000000000000777' }, missing],
		['a prompt of 1501 characters', { prompt: 'x'.repeat(1501) }, tooLong],
		['a replyRef of 1025 characters', { replyRef: 'x'.repeat(1025) }, tooLong],
		['a replyUrl of 1025 characters', { replyUrl: 'x'.repeat(1025) }, tooLong],
		['a message sent as text', { message: 'https://a.b/c.png' }, 'message is not File or Blob'],
		['an image sent as text', { image: 'https://a.b/c.png' }, 'image is not File or Blob'],
	])('encrypt_image rejects %s with 400 and creates no job.', async (_case, values, error) => {
		expect(await submit(sandbox, values)).toMatchObject({
			status: 400,
			body: { error, code: 400 },
		});
		expect(sandbox.jobs).toEqual([]);
	});

	it.each([
		['prompt', 1500],
		['replyRef', 1024],
		['replyUrl', 1024],
	])('encrypt_image accepts a %s of exactly %i characters.', async (name, length) => {
		expect((await submit(sandbox, { [name]: 'x'.repeat(length) })).status).toBe(200);
	});

	it('A JSON body counts as a form without values.', async () => {
		const answer = await call(sandbox, 'POST', '/v1/pika/create', { prompt: 'waves' });
		expect(answer).toMatchObject({
			status: 400,
			body: { error: 'prompt, discord or channel value is missing' },
		});
	});

	it('encrypt_image rejects a moderated prompt with 422 and a job ID that can still be read.', async () => {
		const { status, body } = await submit(sandbox, { prompt: 'waves [moderate]' });
		expect(status).toBe(422);
		expect(body).toEqual({
			error: 'Sorry, your input may be inconsistent with server rules.',
			jobid: expect.any(String),
			status: 'moderated',
			code: 422,
		});
		const job = await call(sandbox, 'GET', `/v1/pika/jobs/?jobid=${body.jobid}`);
		expect(job).toMatchObject({ status: 200, body: { status: 'moderated', error: body.error } });
	});

	it('encrypt_image rejects an invalid parameter with 422 and errorDetails.', async () => {
		expect(await submit(sandbox, { prompt: '[invalid]' })).toMatchObject({
			status: 422,
			body: {
				error: 'Invalid parameter',
				errorDetails: 'Unrecognized parameter(s): `size`',
				status: 'moderated',
				code: 422,
			},
		});
	});
});

describe('The order of checks', () => {
	const wrong = { authorization: 'Bearer user:1-wrong' };
	const full = { maxJobs: '1', prompt: '[moderate]' };

	it('The token is checked before the subscription.', async () => {
		sandbox.changeSettings({ subscriptionIsActive: false });
		const form = formOf(encryptImageForm({ prompt: '' }));
		expect(await call(sandbox, 'POST', '/v1/pika/encrypt_image', form, wrong)).toMatchObject({
			status: 401,
			body: { error: 'Unauthorized', code: 401 },
		});
	});
	it('The subscription is checked before the form.', async () => {
		sandbox.changeSettings({ subscriptionIsActive: false });
		expect(await submit(sandbox, { prompt: '' })).toMatchObject({
			status: 402,
			body: { error: 'Account has no subscription or subscription expired', code: 402 },
		});
	});
	it('Missing values are checked before long texts, and long texts before files.', async () => {
		const longText = { message: 'text', prompt: 'x'.repeat(1501) };
		expect((await submit(sandbox, { ...longText, message: undefined })).body.error).toBe(missing);
		expect((await submit(sandbox, longText)).body.error).toBe(tooLong);
	});
	it('The form is checked before free slots, and free slots before the prompt.', async () => {
		await submit(sandbox);
		expect((await submit(sandbox, { ...full, message: 'text' })).status).toBe(400);
		expect((await submit(sandbox, full)).status).toBe(429);
		expect((await submit(sandbox, { ...full, maxJobs: '2' })).status).toBe(422);
	});
});

describe('The other submissions', () => {
	it.each([
		['encrypt_text', { message: 'hello', prompt: 'p', font: 'SANS SERIF', image: picture() }],
		['create', { prompt: 'p' }],
		['create', { prompt: 'p', image: picture() }],
		['animate', { image: picture() }],
		['animate', { image: picture(), prompt: 'p' }],
	])('The endpoint %s accepts %o.', async (endpoint, values) => {
		const answer = await call(sandbox, 'POST', `/v1/pika/${endpoint}`, formOf(values));
		expect(answer).toMatchObject({
			status: 200,
			body: { verb: `pika-${endpoint}`, status: 'started', code: 200 },
		});
	});

	it('encrypt_text returns the message and the font as text.', async () => {
		const form = formOf({ message: 'x'.repeat(20), prompt: 'p', font: 'RETRO' });
		const { body } = await call(sandbox, 'POST', '/v1/pika/encrypt_text', form);
		expect(body).toMatchObject({ message: 'x'.repeat(20), font: 'RETRO' });
	});

	it.each([
		['encrypt_text', { prompt: 'p' }, missing],
		['encrypt_text', { prompt: 'p', message: picture() }, missing],
		[
			'encrypt_text',
			{ prompt: 'p', message: 'x'.repeat(21) },
			'message, prompt, replyRef or replyUrl is too long',
		],
		['encrypt_text', { prompt: 'p', message: 'm', image: 'text' }, 'image is not File or Blob'],
		[
			'encrypt_text',
			{ prompt: 'p', message: 'm', font: 'ARIAL' },
			'font must be one of MODERN, COMICS, SANS SERIF, BAUHAUS, RETRO',
		],
		['create', { image: picture() }, 'prompt, discord or channel value is missing'],
		['create', { prompt: 'x'.repeat(1501) }, tooLong],
		['create', { prompt: 'p', image: 'text' }, 'image is not File or Blob'],
		['animate', { prompt: 'p' }, 'image, discord or channel value is missing'],
		['animate', { image: picture(), prompt: 'x'.repeat(1501) }, tooLong],
		['animate', { image: 'text' }, 'image is not File or Blob'],
		['button', { button: 'retry' }, 'jobid or button value is missing'],
		[
			'button',
			{ jobid: 'j', button: 'retry', replyRef: 'x'.repeat(1025) },
			'replyRef or replyUrl is too long',
		],
	])(
		'The endpoint %s rejects an invalid form with 400 "%3$s".',
		async (endpoint, values, error) => {
			const answer = await call(sandbox, 'POST', `/v1/pika/${endpoint}`, formOf(values));
			expect(answer).toMatchObject({ status: 400, body: { error, code: 400 } });
		},
	);
});

describe('button', () => {
	const press = (values: Record<string, string>) =>
		call(sandbox, 'POST', '/v1/pika/button', formOf(values));

	it('The retry button repeats a completed job on its channel, with its prompt.', async () => {
		const { body: parent } = await submit(sandbox, { prompt: 'waves again' });
		sandbox.finishJob(parent.jobid);
		expect(await press({ jobid: parent.jobid, button: 'retry', replyRef: 'r' })).toMatchObject({
			status: 200,
			body: {
				verb: 'pika-button',
				status: 'started',
				prompt: 'waves again',
				button: 'retry',
				parentJobId: parent.jobid,
				channel: SANDBOX_CHANNEL,
				replyRef: 'r',
			},
		});
	});

	it('button rejects an unknown job, a running job and an unknown button.', async () => {
		const { body: parent } = await submit(sandbox);
		expect(await press({ jobid: 'none', button: 'retry' })).toMatchObject({
			status: 404,
			body: { error: 'Unable to locate job none' },
		});
		expect((await press({ jobid: parent.jobid, button: 'retry' })).status).toBe(400);
		sandbox.finishJob(parent.jobid);
		expect((await press({ jobid: parent.jobid, button: 'remix' })).status).toBe(400);
	});
});
