import { acceptedJobid, call, submit } from './client';
import { useSandbox } from './useSandbox';

const lines: string[] = [];
const sandbox = useSandbox({ jobSeconds: Infinity, log: (line) => lines.push(line) });

const control = (method: string, path: string, body?: object) =>
	call(sandbox, method, `/sandbox${path}`, body, {});

it('The controls list requests, jobs and callbacks.', async () => {
	const jobid = await acceptedJobid(sandbox, { replyUrl: 'http://127.0.0.1:1/' });
	sandbox.finishJob(jobid);
	await sandbox.waitFor(() => sandbox.callbacks[0]?.endedAt);
	expect((await control('GET', '/requests')).body).toMatchObject([
		{ path: '/v1/pika/encrypt_image', status: 200 },
	]);
	expect((await control('GET', '/jobs')).body).toMatchObject([{ jobid, status: 'completed' }]);
	expect((await control('GET', '/callbacks')).body).toMatchObject([
		{ url: 'http://127.0.0.1:1/', body: { jobid }, error: expect.any(String) },
	]);
});

it('Lists and log lines contain no secrets.', async () => {
	const replyUrl = 'http://127.0.0.1:1/?token=callback-secret&signature=resume-secret';
	const discord = 'discord-secret-token';
	const channel = '1100000000000000005';
	sandbox.finishJob(await acceptedJobid(sandbox, { replyUrl, discord, channel }));
	await call(sandbox, 'POST', `/v1/pika/account/${channel}`, { discord, channel, maxJobs: 1 });
	await call(sandbox, 'GET', '/v2/account?token=callback-secret');
	const shown = await Promise.all(
		['/requests', '/jobs', '/callbacks', '/faults', '/settings'].map(async (path) =>
			JSON.stringify((await control('GET', path)).body),
		),
	);
	for (const text of [...shown, ...lines]) {
		expect(text).not.toMatch(/callback-secret|resume-secret|discord-secret-token/);
		expect(text).not.toContain(sandbox.apiToken);
	}
	expect(lines).toContain('POST /v1/pika/encrypt_image 200');
});

it('Faults can be added, listed and cleared, and invalid ones are rejected.', async () => {
	const answer = { status: 401, body: { error: 'Unauthorized', code: 401 } };
	const fault = { on: { endpoint: 'encrypt_image', times: 2 }, do: { answer } };
	expect(await control('POST', '/faults', fault)).toMatchObject({ status: 201, body: [fault] });
	expect((await submit(sandbox)).status).toBe(401);
	expect((await control('GET', '/faults')).body).toMatchObject([{ ...fault, matched: 1 }]);
	expect((await control('DELETE', '/faults')).status).toBe(204);
	expect((await submit(sandbox)).status).toBe(200);
	expect(await control('POST', '/faults', { do: { wait: 3 } })).toMatchObject({
		status: 400,
		body: { error: expect.stringContaining('wait') },
	});
});

it('Settings can be changed, and unknown ones are rejected.', async () => {
	const changed = { jobSeconds: 3, subscriptionIsActive: false };
	expect(await control('PATCH', '/settings', changed)).toMatchObject({
		status: 200,
		body: changed,
	});
	expect(sandbox.settings).toMatchObject(changed);
	expect((await control('PATCH', '/settings', { jobSeconds: -1 })).status).toBe(400);
	expect((await control('PATCH', '/settings', { speed: 1 })).status).toBe(400);
});

it('The finish control ends a job.', async () => {
	const [planned, asked] = [await acceptedJobid(sandbox), await acceptedJobid(sandbox)];
	const finish = (jobid: string, body?: object) => control('POST', `/jobs/${jobid}/finish`, body);
	expect((await finish(planned)).body).toMatchObject({ jobid: planned, status: 'completed' });
	const failed = { status: 'failed', extra: { error: 'Too dark' } };
	expect((await finish(asked, failed)).body).toMatchObject({ status: 'failed', error: 'Too dark' });
	expect((await finish(asked)).status).toBe(409);
	expect((await finish('none')).status).toBe(404);
	expect((await finish(asked, { status: 'progress' })).status).toBe(400);
});

it('The reset control resets the sandbox.', async () => {
	await acceptedJobid(sandbox);
	expect((await control('POST', '/reset')).status).toBe(204);
	expect((await control('GET', '/requests')).body).toEqual([]);
	expect((await control('GET', '/jobs')).body).toEqual([]);
});
