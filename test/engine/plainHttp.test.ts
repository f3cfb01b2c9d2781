import { type Sandbox, startSandbox } from '../../sandbox/sandbox.cts';
import { useFastClock } from './fastClock.cts';
import { runWorkflow } from './harness/run.cts';
import { pikaWorkflow } from './pika.cts';
import { pikaTrigger } from './pikaTrigger.cts';

// An address of this machine that the credential does not treat as loopback.
const HOST = '[::ffff:127.0.0.1]';

const SWITCH = 'turn on "Allow Plain HTTP (Insecure)"';
const off = { allowPlainHttp: false };
const on = { allowPlainHttp: true };

useFastClock();

let sandbox: Sandbox;
let elsewhere: Pick<Sandbox, 'apiToken' | 'baseUrl'>;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0 });
	const { port } = new URL(sandbox.baseUrl);
	elsewhere = { apiToken: sandbox.apiToken, baseUrl: `http://${HOST}:${port}` };
});
afterAll(async () => await sandbox.stop());
beforeEach(() => sandbox.reset());

describe('Pika with a plain HTTP base URL on another host', () => {
	it.each([
		['by default', {}],
		['with the switch off', off],
		['with text in place of the switch', { allowPlainHttp: 'false' }],
	])('Pika sends nothing over plain HTTP %s, and names the switch', async (_, credential) => {
		const { error } = await runWorkflow(pikaWorkflow({ sandbox: elsewhere, credential }));
		expect(error?.message).toContain(SWITCH);
		expect(sandbox.requests).toEqual([]);
	});

	it('Pika submits, waits and downloads over plain HTTP with the switch on', async () => {
		const run = await runWorkflow(
			pikaWorkflow({
				sandbox: elsewhere,
				credential: on,
				parameters: { completion: 'poll', download: true },
			}),
		);
		expect(run.error).toBeUndefined();
		const [item] = run.output('Collect');
		expect(item?.json.videoUrl).toContain('http://[::ffff:7f00:1]');
		expect(item?.binary?.video?.mimeType).toBe('video/mp4');
		expect(sandbox.requests.map(({ status }) => status)).not.toContain(401);
	});

	it('Pika lists channels over plain HTTP with the switch on', async () => {
		const run = await runWorkflow(
			pikaWorkflow({
				sandbox: elsewhere,
				credential: on,
				parameters: { resource: 'account', operation: 'getMany' },
			}),
		);
		expect(run.output('Collect')).toHaveLength(1);
	});
});

describe('Pika Trigger with a plain HTTP base URL on another host', () => {
	async function completed(): Promise<{ jobid: string; status: string }> {
		const { output } = await runWorkflow(pikaWorkflow({ sandbox: elsewhere, credential: on }));
		const jobid = String(output('Collect')[0]?.json.jobid);
		await sandbox.waitFor(() => sandbox.jobs.at(-1)?.status === 'completed');
		return { jobid, status: 'completed' };
	}

	it('A workflow with a plain HTTP base URL is not published with the switch off', async () => {
		const trigger = pikaTrigger({ sandbox: elsewhere, credential: off });
		await expect(trigger.publish()).rejects.toThrow(SWITCH);
	});

	it('Pika Trigger confirms a callback and downloads its video over plain HTTP with the switch on', async () => {
		const body = await completed();
		const trigger = pikaTrigger({
			sandbox: elsewhere,
			credential: on,
			parameters: { download: true },
		});
		const { run, status } = await trigger.call({ body });
		expect(status).toBe(200);
		expect(run?.output('Collect')[0]?.binary?.video?.mimeType).toBe('video/mp4');
	});
});
