import { call, encryptImageForm, formOf, picture, submit } from './client';
import { sendPartOfUpload, sha256 } from './raw-client.cts';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox();

it('The record of a request contains the method, path, fields, files and sizes, but no token.', async () => {
	const form = formOf(encryptImageForm({ message: picture(1000), replyRef: 'r1' }));
	await call(sandbox, 'POST', '/v1/pika/encrypt_image?a=b', form);
	const [request] = sandbox.requests;
	expect(request).toMatchObject({
		method: 'POST',
		path: '/v1/pika/encrypt_image',
		endpoint: 'encrypt_image',
		query: { a: 'b' },
		status: 200,
		fields: { prompt: 'waves', replyRef: 'r1' },
		files: {
			message: {
				size: 1000,
				type: 'image/png',
				filename: 'message.png',
				sha256: sha256(new Uint8Array(1000).fill(7)),
			},
		},
		authorized: true,
		contentLength: expect.any(Number),
	});
	expect(JSON.stringify(sandbox.requests)).not.toContain(sandbox.apiToken);
});

it('A picture of 50 MB is counted and hashed while it streams.', async () => {
	const url = `${sandbox.baseUrl}/sandbox/pictures/generated.png?payload=50000000`;
	const generated = await fetch(url);
	const blob = await generated.blob();
	expect((await submit(sandbox, { message: blob })).status).toBe(200);
	expect(sandbox.requests[0]?.files.message).toEqual({
		size: 50_000_008,
		type: 'image/png',
		filename: 'message.png',
		sha256: generated.headers.get('x-sha256'),
	});
});

it('waitFor can await the end of a request.', async () => {
	const ended = sandbox.waitFor(() => sandbox.requests.find((request) => request.endedAt));
	await submit(sandbox);
	expect(await ended).toBe(sandbox.requests[0]);
});

it('An upload that its client aborts creates no job and has no other effect.', async () => {
	await sendPartOfUpload(sandbox.baseUrl, sandbox.apiToken, 100_000, true);
	const request = await sandbox.waitFor(() => sandbox.requests.find(({ endedAt }) => endedAt));
	expect(request).toMatchObject({ status: 'reset', files: {} });
	expect(sandbox.jobs).toEqual([]);
	expect((await submit(sandbox)).status).toBe(200);
});

it('The response to a form without a boundary has the error format of the API.', async () => {
	const headers = {
		authorization: `Bearer ${sandbox.apiToken}`,
		'content-type': 'multipart/form-data',
	};
	const url = `${sandbox.baseUrl}/v1/pika/encrypt_image`;
	const response = await fetch(url, { method: 'POST', headers, body: 'no form' });
	expect(response.status).toBe(400);
	expect(await response.json()).toEqual({ error: expect.any(String), code: 400 });
});
