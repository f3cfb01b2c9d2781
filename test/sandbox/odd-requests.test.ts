import { send } from '../openapi/fuzz/send.cts';
import { call, encryptImageForm, formOf } from './client';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox();

const get = async (target: string, headers: Record<string, string>) => {
	const { status, body } = await send(sandbox.baseUrl, { method: 'GET', target, headers });
	return { status, body: JSON.parse(body) };
};
const authorized = () => ({ authorization: `Bearer ${sandbox.apiToken}` });

it.each(['/v1/pika/%61ccount', '/%76%31/pika/jobs', '/v2/%61ccount'])(
	'The encoded path %s needs the token, too.',
	async (target) => {
		expect(await get(target, {})).toEqual({
			status: 401,
			body: { error: 'Unauthorized', code: 401 },
		});
		expect((await get(target, authorized())).status).toBe(200);
	},
);

it('An encoded path needs a subscription, too.', async () => {
	sandbox.changeSettings({ subscriptionIsActive: false });
	expect((await get('/v1/pika/%6Aobs', authorized())).status).toBe(402);
});

it.each([
	['//', 404],
	['//[', 404],
	['/v1/pika/account/%', 400],
	['/v1/pika/%ff', 400],
])('The response to the path %s is %i in the error format.', async (target, status) => {
	expect(await get(target, authorized())).toEqual({
		status,
		body: { error: expect.any(String), code: status },
	});
});

it('A maxJobs that is too large for a number is ignored.', async () => {
	const form = formOf(encryptImageForm({ maxJobs: '9'.repeat(400) }));
	const { status, body } = await call(sandbox, 'POST', '/v1/pika/encrypt_image', form);
	expect({ status, maxJobs: body.maxJobs }).toEqual({ status: 200, maxJobs: 10 });
});

it('The response to a JSON body above 1 MiB is 413 in the error format.', async () => {
	const { status, body } = await send(sandbox.baseUrl, {
		method: 'POST',
		target: '/v2/account',
		headers: { ...authorized(), 'content-type': 'application/json' },
		body: Buffer.alloc(2 ** 20 + 1, 'x'),
	});
	expect({ status, body: JSON.parse(body) }).toEqual({
		status: 413,
		body: { error: expect.any(String), code: 413 },
	});
});
