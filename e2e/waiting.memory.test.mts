import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort } from '../scripts/free-port.mts';
import { Inspector } from '../scripts/inspector.mts';
import { provideInstallation } from './fixture/installation.mts';
import { pikaWorkflow, promptItems } from './fixture/pika-workflow.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { start, untilWaiting } from './fixture/runs.mts';

const WAITING = 5;
const MAX_COUNTS = 8;
const BETWEEN_COUNTS_MILLISECONDS = 500;

describe('n8n’s memory for waiting executions', () => {
	let n8n: RealN8n;
	let inspector: Inspector;

	before(async () => {
		const port = await findFreePort();
		inspector = new Inspector(port);
		n8n = await startRealN8n({
			env: { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` },
			sandbox: { jobSeconds: Infinity },
		});
	});
	after(async () => {
		await n8n.stop();
	});

	/** Each count collects garbage; what n8n still uses is released a moment later. */
	async function leftOf(className: string): Promise<number> {
		const { program } = await provideInstallation();
		const require = `process.getBuiltinModule('node:module').createRequire(${JSON.stringify(program)})`;
		let left = NaN;
		for (let count = 0; count < MAX_COUNTS && left !== 0; count++) {
			if (count > 0) await wait(BETWEEN_COUNTS_MILLISECONDS);
			left = await inspector.countObjects(`${require}('n8n-core').${className}.prototype`);
		}
		return left;
	}

	it('n8n keeps neither a node’s context nor the run of the workflow in memory', async () => {
		const { sandbox } = n8n;
		const workflow = pikaWorkflow(n8n, {
			items: promptItems(1),
			parameters: { completion: 'callback' },
		});
		const executions: string[] = [];
		for (let i = 0; i < WAITING; i++) executions.push(await start(n8n, workflow));
		for (const execution of executions) await untilWaiting(n8n, execution);
		// Each execution polls before it waits, and once more when the wait is saved.
		const polls = () => sandbox.requests.filter(({ path }) => path === '/v1/pika/jobs');
		await sandbox.waitFor(() => polls().length === 2 * WAITING);

		const left = {
			ExecuteContext: await leftOf('ExecuteContext'),
			WorkflowExecute: await leftOf('WorkflowExecute'),
		};
		assert.deepEqual(left, { ExecuteContext: 0, WorkflowExecute: 0 });
		for (const execution of executions) {
			assert.equal((await untilWaiting(n8n, execution)).status, 'waiting');
		}
	});
});
