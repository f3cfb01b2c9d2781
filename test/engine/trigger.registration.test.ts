import type { Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import type { TriggerWorkflow } from './harness/trigger-webhook.cts';
import {
	emitted,
	foreignJob,
	newProcess,
	pikaTrigger,
	type PikaTriggerWorkflow,
} from './pikaTrigger.cts';

let sandbox: Sandbox;

useFreshSandbox({ jobSeconds: Infinity }, (started) => {
	sandbox = started;
});

function trigger(options: Omit<PikaTriggerWorkflow, 'sandbox'> = {}): TriggerWorkflow {
	return pikaTrigger({ ...options, sandbox });
}

describe('the default replyUrl of the account', () => {
	const parameters = { registerAsDefault: true };
	const PREVIOUS = 'https://previous.example/hook?x=1';

	async function account(replyUrl?: string): Promise<string | undefined> {
		const response = await fetch(`${sandbox.baseUrl}/v2/account`, {
			headers: { authorization: `Bearer ${sandbox.apiToken}`, 'content-type': 'application/json' },
			...(replyUrl !== undefined && { method: 'POST', body: JSON.stringify({ replyUrl }) }),
		});
		return ((await response.json()) as { replyUrl?: string }).replyUrl;
	}

	function urlOf({ stored }: TriggerWorkflow): string {
		return `http://127.0.0.1:1/webhook/webhook-${stored.id}/pika`;
	}

	it('Publishing sets the default replyUrl, and unpublishing restores the previous one', async () => {
		await account(PREVIOUS);
		const node = trigger({ parameters });
		await node.publish();
		expect(await account()).toBe(urlOf(node));
		await node.unpublish();
		expect(await account()).toBe(PREVIOUS);
		expect(node.stored.staticData).not.toHaveProperty('node:Pika Trigger.registration');
	});

	it('Unpublishing restores the previous default after a restart of n8n and after callbacks', async () => {
		await account(PREVIOUS);
		const node = trigger({ parameters });
		await node.publish();
		const { jobid } = await foreignJob(sandbox, 'completed');
		expect(emitted([await node.in({ nodeTypes: newProcess() }).call({ body: { jobid } })])).toEqual(
			[jobid],
		);
		await node.in({ nodeTypes: newProcess() }).unpublish();
		expect(await account()).toBe(PREVIOUS);
	});

	it('A workflow can be unpublished after its credential was deleted', async () => {
		const node = trigger({ parameters });
		await node.publish();
		await node.in({ credentials: {} }).unpublish();
		expect(await account()).toBe(urlOf(node));
	});

	it('The default contains the token, which is saved nowhere, and the previous one gets its token back', async () => {
		const callbackToken = 'geheim & co';
		const credential = { callbackToken };
		const previous = `https://previous.example/?token=${encodeURIComponent(callbackToken)}`;
		await account(previous);
		const node = trigger({ parameters: { ...parameters, authentication: 'token' }, credential });
		await node.publish();
		expect(await account()).toBe(`${urlOf(node)}?token=geheim%20%26%20co`);
		expect(JSON.stringify(node.stored.staticData)).not.toContain('geheim');
		await node.unpublish();
		expect(await account()).toBe(previous);
	});

	it('Unpublishing keeps a default that somebody else has set in the meantime', async () => {
		await account(PREVIOUS);
		const node = trigger({ parameters });
		await node.publish();
		await account('https://newer.example/');
		await node.unpublish();
		expect(await account()).toBe('https://newer.example/');
	});

	it('Unpublishing keeps the default if there was none before', async () => {
		const node = trigger({ parameters });
		await node.publish();
		await node.unpublish();
		expect(await account()).toBe(urlOf(node));
	});

	it('Test listening does not change the default, even while the workflow is published', async () => {
		await account(PREVIOUS);
		const node = trigger({ parameters });
		await node.listen();
		expect(await account()).toBe(PREVIOUS);
		await node.stopListening();
		expect(await account()).toBe(PREVIOUS);
		await node.publish();
		await node.listen();
		expect(await account()).toBe(urlOf(node));
		await node.stopListening();
		expect(await account()).toBe(urlOf(node));
		await node.unpublish();
		expect(await account()).toBe(PREVIOUS);
	});

	it('Publishing does not change the default unless the option is on', async () => {
		const node = trigger();
		await node.publish();
		await node.unpublish();
		expect(sandbox.requests).toEqual([]);
	});

	it('Unpublishing restores the previous default if the option is off in the unpublished version', async () => {
		await account(PREVIOUS);
		const node = trigger({ parameters });
		await node.publish();
		node.change({ registerAsDefault: false });
		await node.unpublish();
		expect(await account()).toBe(PREVIOUS);
	});

	it('Unpublishing restores the previous default after publishing twice', async () => {
		await account(PREVIOUS);
		const node = trigger({ parameters });
		await node.publish();
		await node.in({ nodeTypes: newProcess() }).publish();
		await node.unpublish();
		expect(await account()).toBe(PREVIOUS);
	});

	it.each<[string, 'GET' | 'POST', object]>([
		['cannot be read', 'GET', { status: 401, body: { error: 'Unauthorized', code: 401 } }],
		['cannot be set', 'POST', { status: 400, body: { error: 'replyUrl is too long', code: 400 } }],
		['is gone', 'GET', { status: 410, body: '<h1>Gone</h1>' }],
	])(
		'Publishing fails with the text of the API if the default %s',
		async (_what, method, answer) => {
			sandbox.addFault({
				on: { endpoint: 'v2/account', method },
				do: { answer: answer as { status: number } },
			});
			const words = { 401: 'Unauthorized', 400: 'replyUrl is too long', 410: 'Gone' };
			const { status } = answer as { status: keyof typeof words };
			await expect(trigger({ parameters }).publish()).rejects.toThrow(words[status]);
		},
	);

	it('A workflow can be unpublished while the API is down, and restores the default the next time', async () => {
		await account(PREVIOUS);
		const node = trigger({ parameters });
		await node.publish();
		sandbox.addFault({ on: { endpoint: 'v2/account' }, do: { answer: { status: 503 } } });
		await node.unpublish();
		expect(await account()).toBe(urlOf(node));
		await node.publish();
		await node.unpublish();
		expect(await account()).toBe(PREVIOUS);
	});

	it('Publishing does not set a loopback address as the default of a remote API', async () => {
		const credential = { baseUrl: 'https://api.useapi.net' };
		await expect(trigger({ parameters, credential }).publish()).rejects.toThrow(
			'useapi.net cannot call this n8n at http://127.0.0.1:1',
		);
	});
});
