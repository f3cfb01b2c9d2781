import { channelFullBody } from '../../sandbox/contract.cts';
import type { Fault, Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { useBinaryMode } from './harness/binary-store.cts';
import { runWorkflow } from './harness/run.cts';
import { submitAsSomebodyElse } from './observed.cts';
import { imageItem, pikaWorkflow } from './pika.cts';
import { picture } from './pictures.cts';

/** More than the buffers of a connection hold. */
const LARGE = 12 * 1024 * 1024;

let sandbox: Sandbox;
const { shortPauses } = useFastClock();
useFreshSandbox({ jobSeconds: 600 }, (started) => {
	sandbox = started;
});

async function upload(fault: Fault['do'], times: number, bytes = LARGE, retryFor = 15) {
	sandbox.addFault({ on: { method: 'POST', times }, do: fault });
	const items = [imageItem({}, picture('image/png', bytes))];
	return await runWorkflow(pikaWorkflow({ sandbox, items, parameters: { options: { retryFor } } }));
}

function requests(): string[] {
	return sandbox.requests.map(({ method, status }) => `${method} ${status}`);
}

describe('aborted uploads', () => {
	useBinaryMode('filesystem');
	const abortMidway = { resetBeforeAccepting: 'midway' } as const;

	it('An aborted upload is looked up for a minute and then sent again, like one that got a 429', async () => {
		const { error, output } = await upload(abortMidway, 1);
		expect(error).toBeUndefined();
		expect(output('Pika').map(({ json }) => json.jobid)).toEqual([sandbox.jobs[0]?.jobid]);
		const lists = Array(requests().length - 2).fill('GET 200');
		expect(requests()).toEqual(['POST reset', ...lists, 'POST 200']);
		const [busy, ...lookUps] = [...shortPauses()].reverse();
		expect(busy).toBe(10_000);
		expect(lookUps.filter((each) => each === 10_000)).toHaveLength(6);
	});

	it('An aborted upload fails as not submitted when Keep Retrying For is over', async () => {
		const { error } = await upload(abortMidway, 99, LARGE, 2);
		expect(error?.message).toMatch(
			/^The connection broke off before the Pika API had the whole upload: \w+\. Nothing was submitted$/,
		);
		expect(requests().filter((request) => request === 'POST reset').length).toBeGreaterThan(1);
		expect(sandbox.jobs).toEqual([]);
	});

	it.each<[string, Fault['on'], Fault['do']]>([
		['the list of running jobs fails', { endpoint: 'jobs' }, { answer: { status: 503 } }],
		['there is no such list', { endpoint: 'jobs' }, { answer: { status: 404 } }],
		['that list is of another shape', { endpoint: 'jobs' }, { answer: { status: 200, body: {} } }],
		['a running job cannot be read', { endpoint: 'jobs/' }, { answer: { status: 502 } }],
	])(
		'An aborted upload is not sent again, because it may have made a job, if %s',
		async (_what, on, action) => {
			await submitAsSomebodyElse(sandbox, 'create', { prompt: 'sand' });
			sandbox.addFault({ on: { ...on, times: 99 }, do: action });
			const { error } = await upload(abortMidway, 1);
			expect(error?.message).toMatch(/^The job may have been submitted/);
			const own = requests()
				.filter((request) => request.startsWith('POST'))
				.slice(1);
			expect(own).toEqual(['POST reset']);
		},
	);

	it('An upload that was aborted after all of it had been sent may have made a job, despite a 429', async () => {
		const { error } = await upload(abortMidway, 1, 64);
		expect(error?.message).toMatch(/^The job may have been submitted/);
		expect(requests().filter((request) => request.startsWith('POST'))).toEqual(['POST reset']);
	});

	it('An upload is sent again after an early 429, even if the connection is reset before that is received', async () => {
		const earlyAnswer = { status: 429, body: channelFullBody(3, ['x']) };
		const { error } = await upload({ earlyAnswer }, 1);
		expect(error).toBeUndefined();
		const posts = requests().filter((request) => request.startsWith('POST'));
		expect(posts).toEqual(['POST 429', 'POST 200']);
		expect(sandbox.jobs).toHaveLength(1);
		expect(shortPauses().at(-1)).toBe(10_000);
	});
});
