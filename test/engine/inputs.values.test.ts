import type { IDataObject } from 'n8n-workflow';

import type { Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import { handMadeWorkflow, requestsOf } from './inputs/workflow.cts';
import { picture } from './pictures.cts';

const UNSAFE = '1163104783924957235';
const data = { data: picture('image/png', 9).toString('base64'), mimeType: 'image/png' };

let sandbox: Sandbox;

function posts() {
	return sandbox.requests.filter(({ method }) => method === 'POST');
}
useFastClock();

useFreshSandbox({ jobSeconds: 600 }, (started) => {
	sandbox = started;
});

/** Three items; `$json.v` has a valid value in the first and the third. */
async function run(parameters: IDataObject, good: unknown, second: unknown): Promise<WorkflowRun> {
	const items = [good, second, good].map((v) => ({ json: { v }, binary: { data } }));
	return await runWorkflow(handMadeWorkflow(items, { sandbox, parameters }));
}

type Place = [label: string, good: unknown, place: (value: unknown) => IDataObject];

const locator = (value: unknown) => ({ __rl: true, mode: 'id', value }) as IDataObject;
const video = (operation: string, rest: object) =>
	({ resource: 'video', operation, ...rest }) as IDataObject;

/** Every field that takes text, with the label that the editor shows. */
const TEXTS: Record<string, Place> = {
	'the prompt': ['Prompt', 'waves', (prompt) => video('encryptImage', { prompt })],
	'an optional prompt': ['Prompt', 'waves', (prompt) => video('animate', { prompt })],
	'the message': ['Message', 'HI', (message) => video('encryptText', { message })],
	'the font': ['Font', 'RETRO', (font) => video('encryptText', { message: 'HI', font })],
	'the reply reference': [
		'Reply Reference',
		'r',
		(replyRef) => video('create', { options: { replyRef } }),
	],
	'the reply URL': [
		'Reply URL',
		'https://a.example/',
		(replyUrl) => video('create', { options: { replyUrl } }),
	],
	'the channel': ['Channel', '', (channel) => video('create', { options: { channel } })],
	'the channel in a locator': [
		'Channel',
		'',
		(value) => video('create', { options: { channel: locator(value) } }),
	],
	'the job to retry': ['Job', '1', (jobid) => video('retry', { jobid })],
	'the job to retry, in a locator': [
		'Job',
		'1',
		(value) => video('retry', { jobid: locator(value) }),
	],
	'the job to read': [
		'Job',
		'1',
		(jobid) => ({ resource: 'job', operation: 'get', jobid }) as IDataObject,
	],
	'the job to read, in a locator': [
		'Job',
		'1',
		(value) => ({ resource: 'job', operation: 'get', jobid: locator(value) }),
	],
	'the output field': [
		'Put Output in Field',
		'video',
		(outputBinaryField) =>
			video('create', { completion: 'poll', download: true, outputBinaryField }),
	],
};

const BAD: Record<string, [value: unknown, fault: string]> = {
	'an object': [{ a: 1 }, 'is an object, not text'],
	'an empty object': [{}, 'is an object, not text'],
	'an object with a value': [{ value: 'x' }, 'is an object, not text'],
	'a list': [['x', 'y'], 'is a list, not text'],
	'an empty list': [[], 'is a list, not text'],
	'a list of one text': [['x'], 'is a list, not text'],
	true: [true, 'is the boolean true, not text'],
	false: [false, 'is the boolean false, not text'],
	'an integer above 2^53': [
		Number(UNSAFE),
		'is the number 1163104783924957200, which has more digits than a number can keep',
	],
	'an integer below -2^53': [
		-Number(UNSAFE),
		'is the number -1163104783924957200, which has more digits than a number can keep',
	],
	'a very large number': [
		1e21,
		'is the number 1e+21, which has more digits than a number can keep',
	],
	'not a number': [NaN, 'is NaN, not text'],
	infinity: [Infinity, 'is Infinity, not text'],
	'a pattern': [/a/, 'is an object, not text'],
	'an invalid date': [new Date(NaN), 'is an object, not text'],
	'a text with an object in it': [
		'a [object Object]',
		'contains "[object Object]", which an object in a text becomes',
	],
};

describe.each(Object.entries(TEXTS))('invalid values for %s', (_field, [label, good, place]) => {
	it.each(Object.entries(BAD))(
		'The node refuses the result of an expression that is %s before any request, and names field and item',
		async (_what, [bad, fault]) => {
			const { error } = await run(place('={{ $json.v }}'), good, bad);
			expect(error).toMatchObject({
				message: `${label}: the value ${fault}`,
				context: { itemIndex: 1 },
			});
			expect(error?.description).toMatch(/^(Use|Enter|Pass) .*\.$/);
			expect(requestsOf(sandbox)).toEqual([]);
		},
	);

	it.each(['an object', 'a list', 'true', 'an integer above 2^53'])(
		'The node or n8n refuses the stored value that is %s',
		async (what) => {
			const [bad, fault] = BAD[what] ?? [];
			const message = await run(place(bad), good, good).then(
				({ error }) => error?.message,
				(error: Error) => error.message,
			);
			const byN8n = `- Parameter "${label}" is required.`;
			expect([`${label}: the value ${fault}`, byN8n]).toContain(message?.split('\n').at(-1));
			expect(requestsOf(sandbox)).toEqual([]);
		},
	);
});

describe('the ID of a job or channel in Job and Account', () => {
	it.each(Object.entries(BAD))(
		'An ID that is %s is refused before any request of its item',
		async (_what, [bad, fault]) => {
			for (const given of ['={{ $json.v }}', locator('={{ $json.v }}')]) {
				const cancel = { resource: 'job', operation: 'cancel', jobid: given };
				expect((await run(cancel, bad, bad)).error).toMatchObject({
					message: `Job: the value ${fault}`,
					context: { itemIndex: 0 },
				});
				const remove = { resource: 'account', operation: 'delete', channel: given };
				expect((await run(remove, bad, bad)).error).toMatchObject({
					message: `Channel: the value ${fault}`,
					context: { itemIndex: 0 },
				});
			}
			expect(requestsOf(sandbox)).toEqual([]);
		},
	);
});

describe('other values for text fields', () => {
	it.each<[string, unknown, string]>([
		['an integer', 42, '42'],
		['zero', 0, '0'],
		['the largest exact integer', Number.MAX_SAFE_INTEGER, '9007199254740991'],
		['a fraction', -1.5, '-1.5'],
		['a long integer of JavaScript', BigInt(UNSAFE), UNSAFE],
		['a text of digits', UNSAFE, UNSAFE],
		['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
	])('The node sends %s as the text that it stands for', async (_what, value, text) => {
		const parameters = video('create', {
			prompt: '={{ $json.v }}',
			options: { replyRef: '={{ $json.v }}' },
		});
		const { error } = await run(parameters, 'x', value);
		expect(error).toBeUndefined();
		expect(posts().map(({ fields }) => [fields.prompt, fields.replyRef])).toEqual(
			expect.arrayContaining([[text, text]]),
		);
	});

	it('The node sends n8n’s dates as text', async () => {
		const prompt = "={{ DateTime.fromISO('2024-05-06T07:08:09.000Z', { zone: 'utc' }) }}";
		const { error } = await run(video('create', { prompt }), '', '');
		expect(error).toBeUndefined();
		expect(posts()[0]?.fields.prompt).toBe('2024-05-06T07:08:09.000Z');
	});

	it.each<[string, unknown]>([
		['undefined', undefined],
		['null', null],
		['an empty text', ''],
	])('The node does not send a field that is %s', async (_what, value) => {
		const parameters = video('create', {
			prompt: 'waves',
			options: { replyUrl: '={{ $json.v }}', channel: locator('={{ $json.v }}') },
		});
		const { error } = await run(parameters, '', value);
		expect(error).toBeUndefined();
		for (const { fields } of posts()) {
			expect(Object.keys(fields).sort()).toEqual(['prompt', 'replyRef']);
		}
	});

	it('The node sends an ID without pasted white space and invisible characters', async () => {
		const channel = locator('\u200b 11631\u00ad04783924957235\ufeff\u00a0\n');
		await run(video('create', { prompt: 'waves', options: { channel } }), '', '');
		expect(posts()[0]?.fields.channel).toBe('1163104783924957235');
	});
});

describe('other values for a collection of options', () => {
	it.each<[string, unknown]>([
		['text', 'replyRef'],
		['an expression', '={{ $json.v }}'],
		['a list', [{ replyRef: 'r' }]],
		['a number', 5],
		['true', true],
		['null', null],
	])(
		'n8n drops %s in place of a collection of options, so that no options are sent',
		async (_what, options) => {
			const { error } = await run(video('create', { prompt: 'waves', options }), '', '');
			expect(error).toBeUndefined();
			for (const { fields } of posts()) {
				expect(fields).toEqual({ prompt: 'waves', replyRef: expect.stringMatching(/^n8n-/) });
			}
		},
	);
});

describe('values that are not among the options of a field', () => {
	it.each<[string, object, string]>([
		[
			'a way of waiting',
			{ completion: 'whenever' },
			'Wait for Completion: the value is "whenever"',
		],
		['another case', { completion: 'Poll' }, 'Wait for Completion: the value is "Poll"'],
		['a boolean', { completion: true }, 'Wait for Completion: the value is the boolean true'],
		['nothing', { completion: null }, 'Wait for Completion: the value is nothing'],
		['an object', { completion: {} }, 'Wait for Completion: the value is an object'],
		[
			'what an unsuccessful job does',
			{ completion: 'poll', onUnsuccessful: 'ignore' },
			'On Unsuccessful Job: the value is "ignore"',
		],
		[
			'a switch as text',
			{ completion: 'poll', download: 'true' },
			'Download Video: the value is "true"',
		],
		[
			'a font',
			{ operation: 'encryptText', message: 'HI', font: 'ARIAL' },
			'Font: the value is "ARIAL"',
		],
		[
			'a callback for a job that is known',
			{ resource: 'job', operation: 'get', jobid: '1', completion: 'callback' },
			'Wait for Completion: the value is "callback"',
		],
	])('The node refuses %s before any request', async (_what, parameters, message) => {
		const { error } = await run(video('create', { prompt: 'waves', ...parameters }), '', '');
		expect(error?.message).toMatch(new RegExp(`^${message}, which is not one of [\\w, ]+$`));
		expect(error?.description).toMatch(/^Choose ".*" again\.$/);
		expect(requestsOf(sandbox)).toEqual([]);
	});
});

describe('booleans from an expression', () => {
	it.each<[unknown, boolean]>([
		[true, true],
		['true', true],
		[' TRUE ', true],
		[false, false],
		['false', false],
		['', false],
		[null, false],
	])('The node accepts %j as a boolean', async (value, isOn) => {
		const options = { cancelOnStop: '={{ $json.v }}' };
		const { error } = await run(video('create', { prompt: 'waves', options }), value, value);
		expect(error).toBeUndefined();
		await run({ resource: 'video', operation: 'create', prompt: 'waves' }, '', '');
		const parameters = { resource: 'job', operation: 'getMany', readEach: '={{ $json.v }}' };
		const { output } = await run(parameters, value, value);
		expect(output('Pika')[0]?.json.prompt).toBe(isOn ? 'waves' : undefined);
	});

	it.each<[unknown, string]>([
		['yes', '"yes"'],
		[1, '1'],
		[{}, 'an object'],
		[[], 'a list'],
	])('The node refuses %j as a boolean', async (value, words) => {
		const options = { cancelOnStop: '={{ $json.v }}' };
		const cancels = await run(video('create', { prompt: 'waves', options }), true, value);
		const message = `Cancel Jobs on Stop: the value is ${words}, not true or false`;
		expect(cancels.error).toMatchObject({ message, context: { itemIndex: 1 } });
		expect(requestsOf(sandbox)).toEqual([]);
	});
});

describe('numbers from an expression', () => {
	it.each<[string, unknown, string]>([
		['text', 'abc', 'Maximum Jobs: "abc" is not a number'],
		['true', true, 'Maximum Jobs: the boolean true is not a number'],
		['a list of a number', [5], 'Maximum Jobs: a list is not a number'],
		['an object', { a: 5 }, 'Maximum Jobs: an object is not a number'],
		['a negative number', -1, 'Maximum Jobs: -1 is too low'],
		['a huge number', 1e300, 'Maximum Jobs: 1e+300 is too high'],
	])('The node refuses %s as the maximum number of jobs', async (_what, value, message) => {
		const options = { maxJobs: '={{ $json.v }}' };
		const { error } = await run(video('create', { prompt: 'waves', options }), 1, value);
		expect(error).toMatchObject({ message, context: { itemIndex: 1 } });
		expect(requestsOf(sandbox)).toEqual([]);
	});

	it.each<[string, unknown, string]>([
		['text', 'abc', '"abc"'],
		['true', true, 'the boolean true'],
		['a list of a number', [5], 'a list'],
		['an object', {}, 'an object'],
		['a negative number', -1, '-1'],
		['a thousand years', 525_600_000, '525600000'],
	])('The node refuses %s as a time', async (_what, value, words) => {
		for (const [label, parameters] of [
			['Limit Wait Time', { completion: 'poll', waitLimit: '={{ $json.v }}' }],
			['Keep Retrying For', { options: { retryFor: '={{ $json.v }}' } }],
		] as const) {
			const { error } = await run(video('create', { prompt: 'waves', ...parameters }), 1, value);
			const message = `${label}: ${words} is not a valid number of minutes`;
			expect(error).toMatchObject({ message, context: { itemIndex: 1 } });
		}
		expect(requestsOf(sandbox)).toEqual([]);
	});

	it.each([['5'], [' 5 '], [5], [5.9]])('The node accepts %j as a number', async (value) => {
		const options = { maxJobs: '={{ $json.v }}', retryFor: '={{ $json.v }}' };
		const { error } = await run(video('create', { prompt: 'waves', options }), value, value);
		expect(error).toBeUndefined();
		expect(posts()[0]?.fields.maxJobs).toBe('5');
	});

	it.each([[''], [null], [undefined]])(
		'The node treats %j as a number that is not set',
		async (value) => {
			const options = { maxJobs: '={{ $json.v }}', retryFor: '={{ $json.v }}' };
			sandbox.addFault({
				on: { method: 'POST' },
				do: { answer: { status: 429, body: { error: 'full', executingJobs: [], code: 429 } } },
			});
			const { error } = await run(video('create', { prompt: 'waves', options }), value, value);
			expect(error).toBeUndefined();
			expect(posts()[0]?.fields.maxJobs).toBeUndefined();
		},
	);
});
