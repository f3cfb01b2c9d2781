import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outputOf } from '../scripts/execution.mts';
import {
	addFault,
	jobsAt,
	jobWith,
	readExample,
	runExample,
	withParameters,
} from './fixture/examples.mts';
import { submissionsOf } from './fixture/pika-workflow.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import { type Workflow, workflowSchema } from '../scripts/workflow-file.mts';

/** A job without a callback that takes so long that it still runs at every callback of another job. */
const LOST = { jobSeconds: 45, callbacks: { times: 0 } };
/** In minutes. n8n checks for expired waits once a minute. */
const AT_ONCE = 0.01;
/** What the examples' notes say to append to a prompt, and to which one it is appended here. */
const LOSE_CALLBACK = '[no-callback] [seconds=150]';
const PROMPT_1043 = 'Snow falling on a pine forest, slow tilt up';
const NOTHING = { open: [], ended: [], ready: [], without: [] };

describe('examples that repair lost callbacks', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: 1 } }, (started) => {
		n8n = started;
	});

	it('repair-timed-out.json reads the jobs whose callbacks were lost', async () => {
		addFault(n8n, 'order-1044', { ...LOST, jobEnd: 'failed' });
		const example = withLostCallback(await readExample(n8n, 'repair-timed-out.json'));
		const execution = await runExample(
			n8n,
			withParameters(example, 'Encrypt Image', { waitLimit: AT_ONCE }),
		);
		assert.equal(execution.error, undefined);
		assert.deepEqual(jobsAt(execution, 'Video Ready'), [
			['order-1042', 'video/mp4'],
			['order-1043', 'video/mp4'],
		]);
		assert.deepEqual(jobsAt(execution, 'Get Job'), [['order-1043', 'video/mp4']]);
		const [failed] = outputOf(execution, 'No Video');
		assert.equal(failed?.json.order, 'order-1044');
		assert.equal(failed.json.jobid, jobWith(n8n, 'order-1044').jobid);
		assert.match(String(failed.json.reason), /The Pika job failed/);
		assert.equal(submissionsOf(n8n), 3);
	});

	it('repair-timed-out.json reads no job that is known to have ended without a video', async () => {
		addFault(n8n, 'order-1044', { jobEnd: 'moderated' });
		const execution = await runExample(n8n, await readExample(n8n, 'repair-timed-out.json'));
		assert.equal(execution.error, undefined);
		assert.equal(outputOf(execution, 'Video Ready').length, 2);
		const [moderated] = outputOf(execution, 'No Video');
		assert.equal(moderated?.json.order, 'order-1044');
		assert.match(String(moderated.json.reason), /The Pika job was rejected \(moderated\)/);
		assert.equal(execution.runs['Get Job'], undefined);
	});

	it('repair-on-schedule.json remembers jobs until they have ended and can be read, then fetches and forgets them', async () => {
		const { sandbox } = n8n;
		addFault(n8n, 'order-1042', { ...LOST, jobSeconds: 99_999 });
		addFault(n8n, 'order-1043', { ...LOST, jobSeconds: 99_999 });
		addFault(n8n, 'order-1044', { jobEnd: 'moderated' });
		const example = withParameters(
			await readExample(n8n, 'repair-on-schedule.json'),
			'Encrypt Image',
			{ waitLimit: AT_ONCE },
		);
		const schedule = async () => {
			const execution = await runExample(n8n, example, 'Every 15 Minutes');
			assert.equal(execution.error, undefined);
			return {
				open: jobsAt(execution, 'Open Jobs'),
				ended: jobsAt(execution, 'Ended'),
				ready: jobsAt(execution, 'Video Ready'),
				without: jobsAt(execution, 'Ended Without Video'),
			};
		};
		assert.deepEqual(await schedule(), NOTHING);

		const execution = await runExample(n8n, example);
		assert.equal(execution.error, undefined);
		assert.deepEqual(
			jobsAt(execution, 'Remember Job'),
			['order-1042', 'order-1043'].map((order) => [order]),
		);
		assert.equal(outputOf(execution, 'No Video')[0]?.json.order, 'order-1044');

		const { jobid } = jobWith(n8n, 'order-1043');
		sandbox.finishJob(jobid);
		sandbox.addFault({
			on: { method: 'GET', path: '/v1/pika/jobs/', match: { jobid } },
			do: { answer: { status: 401, body: { error: 'Unauthorized' } } },
		});
		const both = [['order-1042'], ['order-1043']];
		const ended = [['order-1043']];
		assert.deepEqual(await schedule(), { open: both, ended, ready: [], without: [] });
		assert.deepEqual(await schedule(), {
			open: both,
			ended,
			ready: [['order-1043', 'video/mp4']],
			without: [],
		});
		sandbox.finishJob(jobWith(n8n, 'order-1042').jobid, 'failed');
		assert.deepEqual(await schedule(), {
			open: [['order-1042']],
			ended: [['order-1042']],
			ready: [],
			without: [['order-1042']],
		});
		assert.deepEqual(await schedule(), NOTHING);
		assert.equal(submissionsOf(n8n), 3);
	});
});

/** The example after what its note says to do on the sandbox, except for the time to wait. */
function withLostCallback(example: Workflow): Workflow {
	const text = JSON.stringify(example);
	assert.ok(text.includes(`\`${LOSE_CALLBACK}\``), 'The note says how to lose a callback');
	assert.ok(text.includes(PROMPT_1043));
	const changed = text.replace(PROMPT_1043, `${PROMPT_1043} ${LOSE_CALLBACK}`);
	return workflowSchema.parse(JSON.parse(changed));
}
