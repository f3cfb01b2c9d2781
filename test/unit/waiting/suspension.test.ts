import type { IDataObject } from 'n8n-workflow';

import {
	awaitedJobs,
	readSuspension,
	saveSuspension,
	type Suspension,
	consumeSuspension,
} from '../../../nodes/Pika/waiting/suspension';
import { wanted } from '../jobs/fakeClient';

const item = {
	item: 0,
	waitLimitMilliseconds: 60_000,
	outputBinaryField: 'video',
	cancelOnStop: false,
};

const suspension: Suspension = {
	id: 'suspension-1',
	runIndex: 1,
	executionId: 'execution-1',
	items: [
		{ ...item, jobid: 'a' },
		{ ...item, item: 1, pending: wanted(1) },
		{ ...item, item: 2, jobid: 'c', result: { kind: 'job', job: { jobid: 'c' } } },
	],
	input: [{ json: {} }],
};

function saved(): IDataObject {
	const context: IDataObject = {};
	saveSuspension(context, suspension);
	return JSON.parse(JSON.stringify(context)) as IDataObject;
}

describe('a suspension', () => {
	it('is taken once, after it was saved and loaded', () => {
		const context = saved();
		expect(consumeSuspension(context, 1, 'execution-1')).toEqual(suspension);
		expect(consumeSuspension(context, 1, 'execution-1')).toBeUndefined();
	});

	it.each<[string, number, string]>([
		['another round of a loop', 0, 'execution-1'],
		['another execution', 1, 'execution-2'],
	])('of %s is thrown away', (_, runIndex, executionId) => {
		const context = saved();
		expect(consumeSuspension(context, runIndex, executionId)).toBeUndefined();
		expect(JSON.stringify(context)).not.toContain('execution-1');
	});

	it('knows the jobs that it waits for', () => {
		expect(awaitedJobs(suspension)).toEqual(['a']);
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'waiting'],
		['a list', []],
		['items that are no list', { items: {}, input: [] }],
		['no input', { items: [] }],
	])('is not made of %s', (_, value) => {
		expect(readSuspension(value)).toBeUndefined();
	});
});
