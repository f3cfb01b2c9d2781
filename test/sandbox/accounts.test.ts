import { SANDBOX_ACCOUNT, SANDBOX_CHANNEL } from '../../sandbox/sandbox.cts';
import { call } from './client';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox({});

const channel = '1100000000000000002';
const valid = { channel, discord: 'another-discord-token', maxJobs: 3 };
const save = (body: object, path = channel) =>
	call(sandbox, 'POST', `/v1/pika/account/${path}`, body);
const list = () => call(sandbox, 'GET', '/v1/pika/account');

it('The response lists the configured accounts by channel.', async () => {
	expect(await list()).toMatchObject({
		status: 200,
		body: { [SANDBOX_CHANNEL]: SANDBOX_ACCOUNT },
	});
});

it('Accounts can be added, changed and deleted.', async () => {
	expect(await save(valid)).toMatchObject({ status: 204, body: '' });
	expect((await save({ ...valid, maxJobs: 10 })).status).toBe(204);
	expect((await list()).body[channel]).toEqual({ ...valid, maxJobs: 10 });
	const path = `/v1/pika/account/${channel}`;
	expect(await call(sandbox, 'DELETE', path)).toMatchObject({ status: 200, body: {} });
	expect((await list()).body).not.toHaveProperty(channel);
	expect((await call(sandbox, 'DELETE', path)).status).toBe(404);
});

it('If no account is configured, the response is 404.', async () => {
	await call(sandbox, 'DELETE', `/v1/pika/account/${SANDBOX_CHANNEL}`);
	expect(await list()).toMatchObject({
		status: 404,
		body: { error: 'configuration not found', code: 404 },
	});
});

it.each([
	['no discord', { discord: '' }, 'Required param discord is missing or empty'],
	['no channel', { channel: undefined }, 'Required param channel is missing or empty'],
	[
		'an impossible channel',
		{ channel: '123' },
		'Required param channel (123) is not valid Discord channel id',
	],
	[
		'a channel other than the path',
		{ channel: '1100000000000000003' },
		`Required param channel (1100000000000000003) not matching to /pika/account/${channel}`,
	],
	['no maxJobs', { maxJobs: undefined }, 'Required param maxJobs is missing or empty'],
	['maxJobs 0', { maxJobs: 0 }, 'Required param maxJobs is missing or empty'],
	['maxJobs 11', { maxJobs: 11 }, "Required param maxJobs 11 can't be more that 10"],
	[
		'the discord of another channel',
		{ discord: SANDBOX_ACCOUNT.discord },
		`Channel ${SANDBOX_CHANNEL} configuration has same discord value`,
	],
])('An account with %s is rejected with 400.', async (_case, changed, error) => {
	expect(await save({ ...valid, ...changed })).toMatchObject({
		status: 400,
		body: { error, code: 400 },
	});
	expect((await list()).body).not.toHaveProperty(channel);
});

it('Account requests need the token but not a subscription.', async () => {
	sandbox.changeSettings({ subscriptionIsActive: false });
	expect((await list()).status).toBe(200);
	for (const [method, path] of [
		['GET', '/v1/pika/account'],
		['POST', `/v1/pika/account/${channel}`],
		['DELETE', `/v1/pika/account/${channel}`],
		['GET', '/v2/account'],
		['POST', '/v2/account'],
	] as const) {
		const { status, body } = await call(sandbox, method, path, undefined, {});
		expect({ status, body }).toEqual({ status: 401, body: { error: 'Unauthorized', code: 401 } });
	}
});

it('The name and the default replyUrl of the useapi.net account can be set and removed.', async () => {
	expect((await call(sandbox, 'GET', '/v2/account')).body).not.toHaveProperty('replyUrl');
	const replyUrl = 'http://127.0.0.1:1/callback';
	expect(await call(sandbox, 'POST', '/v2/account', { name: 'N', replyUrl })).toMatchObject({
		status: 200,
		body: { name: 'N', replyUrl },
	});
	expect((await call(sandbox, 'GET', '/v2/account')).body).toMatchObject({
		name: 'N',
		replyUrl,
		subscriptionIsActive: true,
		accounts: { 'Pika v1': { total: 1 } },
	});
	await call(sandbox, 'POST', '/v2/account', { replyUrl: '' });
	expect((await call(sandbox, 'GET', '/v2/account')).body).not.toHaveProperty('replyUrl');
});

it('A default replyUrl of 1025 characters is rejected as too long.', async () => {
	const post = (length: number) =>
		call(sandbox, 'POST', '/v2/account', { replyUrl: 'x'.repeat(length) });
	expect(await post(1025)).toMatchObject({
		status: 400,
		body: { error: 'replyUrl is too long', code: 400 },
	});
	expect((await post(1024)).status).toBe(200);
});

it('The response for an unknown path is 404 in the error format of the API.', async () => {
	const { status, body } = await call(sandbox, 'GET', '/v1/pika/unknown');
	expect({ status, body }).toEqual({ status: 404, body: { error: 'Not Found', code: 404 } });
});
