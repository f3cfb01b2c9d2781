import { runAt } from './responses/failing.cts';
import { publicUrl, startHttps, useInternet } from './responses/internet.cts';
import { useFastClock } from './fastClock.cts';
import { pikaTrigger } from './pikaTrigger.cts';

useFastClock();
useInternet();

const OUT_OF_REACH = [
	'http://localhost:5678',
	'http://n8n.localhost:5678',
	'http://127.0.0.1:5678',
	'http://0.0.0.0:5678',
	'http://192.168.1.4:5678',
	'http://10.0.0.7:5678',
	'http://172.20.0.3:5678',
	'http://169.254.1.1:5678',
	'http://100.100.1.1:5678',
	'http://[::]:5678',
	'http://[::1]:5678',
	'http://[::ffff:192.168.1.4]:5678',
	'http://[fd00::4]:5678',
	'http://n8n:5678',
	'http://n8n.lan.:5678',
	'https://n8n.internal',
];

let requests = 0;

async function startApi(): Promise<string> {
	requests = 0;
	const server = await startHttps((request, response) => {
		requests += 1;
		const isJob = request.url?.startsWith('/v1/') === true;
		request.resume().once('end', () => {
			response.end(
				isJob ? '{"jobid":"job-1","status":"completed"}' : '{"replyUrl":"https://a.io/b"}',
			);
		});
	});
	return publicUrl(server);
}

describe('an n8n that useapi.net cannot reach', () => {
	it.each(OUT_OF_REACH)(
		'The node refuses to wait for callbacks at %s, and sends nothing',
		async (n8n) => {
			const { error } = await runAt(await startApi(), { completion: 'callback' }, { n8n });
			// n8n normalizes its URLs: lower case, and IPv6 addresses shortened.
			expect(error?.message).toBe(`useapi.net cannot call this n8n at ${new URL(n8n).origin}`);
			expect(error?.description).toContain('N8N_WEBHOOK_URL');
			expect(requests).toBe(0);
		},
	);

	it.each(OUT_OF_REACH)('Pika Trigger refuses to be the account’s default at %s', async (n8n) => {
		const sandbox = { apiToken: 'user:1', baseUrl: await startApi() };
		const parameters = { registerAsDefault: true };
		const node = pikaTrigger({ sandbox, parameters, publicUrl: n8n });
		await expect(node.publish()).rejects.toThrow('useapi.net cannot call this n8n at');
		expect(requests).toBe(0);
	});
});

describe('an n8n that useapi.net can reach', () => {
	it.each(['https://n8n.example.com', 'https://8.8.8.8:8443', 'https://[2001:4860::1]'])(
		'The node waits for callbacks, and Pika Trigger becomes the account’s default, at %s',
		async (n8n) => {
			const baseUrl = await startApi();
			const { error } = await runAt(baseUrl, { completion: 'callback' }, { n8n });
			expect(error).toBeUndefined();
			const sandbox = { apiToken: 'user:1', baseUrl };
			const node = pikaTrigger({
				sandbox,
				parameters: { registerAsDefault: true },
				publicUrl: n8n,
			});
			await node.publish();
			expect(requests).toBeGreaterThan(2);
		},
	);
});
