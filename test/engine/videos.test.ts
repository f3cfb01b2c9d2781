import type { Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { decode } from '../video/frames.cts';
import { correlation, motionOf } from '../video/motion.cts';
import { layOut, patternOf, pictureOf } from '../video/patterns.cts';
import { useFastClock } from './fastClock.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import type { SourceItem } from './harness/source.cts';
import { imageItem, pikaWorkflow } from './pika.cts';

const NAMES = Array.from({ length: 20 }, (_, i) => `item ${i}`);

let sandbox: Sandbox;
useFastClock();

useFreshSandbox(
	{
		videos: 'rendered',
		videoWidth: 80,
		videoFrames: 12,
	},
	(started) => {
		sandbox = started;
	},
);

async function items(suffixOf: (i: number) => string): Promise<SourceItem[]> {
	return await Promise.all(
		NAMES.map(async (name, i) => {
			const picture = await pictureOf(patternOf(name));
			return imageItem(
				{ prompt: `${name} ${suffixOf(i)}` },
				Buffer.from(await picture.arrayBuffer()),
			);
		}),
	);
}

async function begin(
	completion: 'poll' | 'callback',
	suffixOf: (i: number) => string = () => '',
): Promise<WorkflowRun> {
	const parameters = {
		prompt: '={{ $json.prompt }}',
		completion,
		download: true,
		waitLimit: 100_000,
		options: { retryFor: 100_000 },
	};
	return await runWorkflow(pikaWorkflow({ items: await items(suffixOf), parameters, sandbox }));
}

/** Ends the jobs one by one, the latest first, and delivers each callback to the waiting execution. */
async function toEnd(begun: WorkflowRun): Promise<WorkflowRun> {
	let run = begun;
	while (run.status === 'waiting') {
		const job = sandbox.jobs.filter(({ status }) => status === 'started').at(-1);
		if (!job) throw new Error('No job runs');
		sandbox.finishJob(job.jobid);
		await sandbox.waitFor(() => job.status === 'completed');
		run = (await resumeByWebhook(run, { body: { jobid: job.jobid } })).run ?? run;
	}
	return run;
}

/** For each output item, the name of the picture that its video most likely hides. */
async function hiddenIn(run: WorkflowRun): Promise<string[]> {
	return await Promise.all(
		run.output('Pika').map(async (item) => {
			const motion = motionOf(decode(await run.binary(item, 'video')));
			const likeness = (name: string) =>
				correlation(motion.values, layOut(patternOf(name), motion));
			return NAMES.reduce((best, name) => (likeness(name) > likeness(best) ? name : best));
		}),
	);
}

describe('20 videos', () => {
	it('Each of 20 videos hides its own item’s picture in polling mode', async () => {
		// In every ten, the first to be submitted is the last to end.
		const run = await begin('poll', (i) => `[seconds=${(10 - (i % 10)) / 100}]`);
		expect(run.error).toBeUndefined();
		expect(await hiddenIn(run)).toEqual(NAMES);
	});

	it('Each of 20 videos hides its own item’s picture in callback mode', async () => {
		sandbox.changeSettings({ jobSeconds: Infinity });
		const run = await toEnd(await begin('callback'));
		expect(run.error).toBeUndefined();
		expect(await hiddenIn(run)).toEqual(NAMES);
	});
});
