import type { IDataObject } from 'n8n-workflow';

import { createItemStates, findPriorJob, type ItemState } from '../../../nodes/Pika/jobs/itemState';

const own = { replyRef: 'ref', isUniqueReplyRef: true, fingerprint: 'print', executionId: 'one' };
const accepted: ItemState = { ...own, outcome: 'accepted', jobid: 'job-1' };
const unsent: ItemState = { ...own, outcome: 'unsent' };
const unknown: ItemState = { ...own, outcome: 'unknown', sentAt: 1000, jobid: 'job-2' };

describe('createItemStates', () => {
	it('createItemStates keeps states by run and item, as serializable data', () => {
		const context: IDataObject = {};
		const states = createItemStates(context, 2);
		[accepted, unsent, unknown].forEach((state, item) => states.set(item, state));
		expect(Object.keys(context)).toEqual(['2:0', '2:1', '2:2']);
		const saved = createItemStates(JSON.parse(JSON.stringify(context)) as IDataObject, 2);
		expect([0, 1, 2].map((item) => saved.get(item))).toEqual([accepted, unsent, unknown]);
	});

	it('createItemStates keeps the rounds of a loop separate', () => {
		const context: IDataObject = {};
		createItemStates(context, 0).set(0, accepted);
		expect(createItemStates(context, 1).get(0)).toBeUndefined();
	});

	it('createItemStates keeps its own copy', () => {
		const states = createItemStates({}, 0);
		const state = { ...accepted };
		states.set(0, state);
		state.replyRef = 'changed';
		expect(states.get(0)?.replyRef).toBe('ref');
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'accepted'],
		['a list', []],
		['a state without a reference', { ...accepted, replyRef: undefined }],
		['a state with a reference that is a number', { ...unsent, replyRef: 7 }],
		['a state without a fingerprint', { ...unsent, fingerprint: undefined }],
		['a state with an unknown kind of outcome', { ...own, outcome: 'lost' }],
		['an accepted job without an ID', { ...own, outcome: 'accepted' }],
		['an accepted job with an ID that is a number', { ...accepted, jobid: 7 }],
		['an unknown outcome without the time of the request', { ...unknown, sentAt: undefined }],
		['an unknown outcome with an invalid time', { ...unknown, sentAt: 'yesterday' }],
	])('createItemStates ignores a saved state that is %s', (_, saved) => {
		expect(createItemStates({ '0:0': saved } as IDataObject, 0).get(0)).toBeUndefined();
	});
});

describe('findPriorJob', () => {
	it('findPriorJob finds nothing for an item without a state', () => {
		expect(findPriorJob(undefined, 'one', 'print')).toEqual({ kind: 'none' });
	});

	it.each<[string, ItemState, string]>([
		['a known job', accepted, 'known'],
		['a job that may exist', unknown, 'possiblySubmitted'],
		['no job, with the reference of the try', unsent, 'none'],
	])('findPriorJob finds %s', (_, state, kind) => {
		expect(findPriorJob(state, 'one', 'print')).toEqual({ kind, state });
	});

	it('findPriorJob finds the job of an earlier try of the same execution, even if an expression returns other fields now', () => {
		expect(findPriorJob(accepted, 'one', 'other').kind).toBe('known');
	});

	it('findPriorJob finds the job of another execution if the submission is the same', () => {
		expect(findPriorJob(accepted, 'two', 'print').kind).toBe('known');
	});

	it.each([accepted, unknown, unsent])(
		'findPriorJob ignores the state of another execution if the submission differs ($outcome)',
		(state) => {
			expect(findPriorJob(state, 'two', 'other')).toEqual({ kind: 'none' });
		},
	);
});
