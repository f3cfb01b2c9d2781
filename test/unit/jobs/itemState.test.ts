import type { IDataObject } from 'n8n-workflow';

import { createItemStates } from '../../../nodes/Pika/jobs/itemState';

const accepted = {
	outcome: 'accepted',
	replyRef: 'ref',
	isUniqueReplyRef: true,
	jobid: 'job-1',
} as const;
const unsent = { outcome: 'unsent', replyRef: 'other', isUniqueReplyRef: false } as const;

describe('createItemStates', () => {
	it('keeps states under run and item, as data that survives being saved', () => {
		const context: IDataObject = {};
		const states = createItemStates(context, 2);
		states.set(0, accepted);
		states.set(1, unsent);
		expect(Object.keys(context)).toEqual(['2:0', '2:1']);
		const saved = JSON.parse(JSON.stringify(context)) as IDataObject;
		expect(createItemStates(saved, 2).get(0)).toEqual(accepted);
		expect(createItemStates(saved, 2).get(1)).toEqual(unsent);
	});

	it('keeps the rounds of a loop apart', () => {
		const context: IDataObject = {};
		createItemStates(context, 0).set(0, accepted);
		expect(createItemStates(context, 1).get(0)).toBeUndefined();
	});

	it('keeps its own copy', () => {
		const states = createItemStates({}, 0);
		const state = { ...accepted, replyRef: 'ref' };
		states.set(0, state);
		state.replyRef = 'changed';
		expect(states.get(0)?.replyRef).toBe('ref');
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'accepted'],
		['a list', []],
		['no reference', { outcome: 'accepted', jobid: 'job-1' }],
		['a reference that is a number', { outcome: 'unsent', replyRef: 7 }],
		['an outcome that nobody knows', { outcome: 'lost', replyRef: 'ref' }],
		['an accepted job without id', { outcome: 'accepted', replyRef: 'ref' }],
		['an accepted job whose id is a number', { outcome: 'accepted', replyRef: 'ref', jobid: 7 }],
	])('makes no state of %s', (_, saved) => {
		expect(createItemStates({ '0:0': saved } as IDataObject, 0).get(0)).toBeUndefined();
	});

	it('gives an unsent item no job', () => {
		const context = { '0:0': { outcome: 'unsent', replyRef: 'ref', jobid: 'job-1' } };
		expect(createItemStates(context, 0).get(0)).toEqual({
			outcome: 'unsent',
			replyRef: 'ref',
			isUniqueReplyRef: false,
		});
	});
});
