import type { IExecuteData, IExecuteFunctions } from 'n8n-workflow';

import type { JobWithId } from '../../../nodes/Pika/api/job';
import { passCalledJobid } from '../../../nodes/Pika/waiting/calledJob';
import { markPossiblySubmitted } from '../../../nodes/Pika/waiting/staleState';
import type { Suspension } from '../../../nodes/Pika/waiting/suspension';
import { EXECUTION, fakeRun, found, knownItem, pendingItem } from '../jobs/fakeClient';

const NOW = fakeRun().clock.now();
const SAVED_AT = NOW - 60_000;
const replyUrl = 'https://n8n.example/resume';

function suspensionOf(id: string): Suspension {
	const place = { runIndex: 0, executionId: EXECUTION, savedAt: SAVED_AT, awaited: ['a'] };
	const items = [knownItem(0, 'a'), pendingItem(1, { fields: { replyUrl } }), pendingItem(2)];
	const nothing = { backlog: {}, finished: [], isCancelling: false, channels: {}, input: [] };
	return { id, ...place, items, ...nothing };
}

/** A node with n8n's deduplication store, which all its processes share, after a callback that names a job. */
function nodeWith(notes: Set<string> | undefined, called?: string): IExecuteFunctions {
	const executeData = {} as IExecuteData;
	passCalledJobid(executeData, called);
	const node = {
		getExecuteData: () => executeData,
		helpers: {
			checkProcessedAndRecord: async ([id = '']: string[]) => {
				if (!notes) throw new Error('The workflow was never saved');
				const processed = notes.has(id) ? [id] : [];
				notes.add(id);
				return { new: [], processed };
			},
		},
	};
	return node as unknown as IExecuteFunctions;
}

const marked = ({ items }: Suspension) =>
	items.map(({ possiblySubmitted }) => possiblySubmitted !== undefined);

describe('markPossiblySubmitted', () => {
	it('markPossiblySubmitted trusts a suspension that is resumed for the first time', async () => {
		const suspension = suspensionOf('one');
		await markPossiblySubmitted(nodeWith(new Set()), suspension, fakeRun().parts);
		expect(marked(suspension)).toEqual([false, false, false]);
	});

	it('markPossiblySubmitted marks every pending item of a suspension that was resumed before', async () => {
		const notes = new Set<string>();
		await markPossiblySubmitted(nodeWith(notes), suspensionOf('one'), fakeRun().parts);
		const again = suspensionOf('one');
		await markPossiblySubmitted(nodeWith(notes), again, fakeRun().parts);
		expect(marked(again)).toEqual([false, true, true]);
		expect(again.items[1]?.possiblySubmitted).toEqual({
			outcome: 'unknown',
			sentAt: SAVED_AT,
			sentUntil: NOW,
			replyUrl,
		});
	});

	it('markPossiblySubmitted stores one entry for each suspension, however many items it has', async () => {
		const notes = new Set<string>();
		await markPossiblySubmitted(nodeWith(notes), suspensionOf('one'), fakeRun().parts);
		await markPossiblySubmitted(nodeWith(notes), suspensionOf('two'), fakeRun().parts);
		expect([...notes]).toEqual(['one', 'two']);
	});

	const mine = { replyRef: 'ref-2' };
	const longAgo = new Date(SAVED_AT - 60 * 60_000).toISOString();

	it.each<[string, Partial<JobWithId>, boolean, string | undefined]>([
		['is of one of the items', mine, true, 'b'],
		['is of no item', { replyRef: 'ref-3' }, true, undefined],
		['has the user’s reference of an item, and its prompt', mine, false, 'b'],
		['has that reference and another prompt', { ...mine, prompt: 'another' }, false, undefined],
		['has that reference and is older', { ...mine, created: longAgo }, false, undefined],
	])(
		'markPossiblySubmitted gives the job that the callback names to its item alone, if that job %s',
		async (_what, job, isUniqueReplyRef, expected) => {
			const suspension = suspensionOf('one');
			suspension.items[2] = pendingItem(2, { isUniqueReplyRef });
			const { parts } = fakeRun({ getJob: (jobid) => found(jobid, 'completed', job) });
			await markPossiblySubmitted(nodeWith(new Set(['one']), 'b'), suspension, parts);
			const jobids = suspension.items.map(({ possiblySubmitted }) => possiblySubmitted?.jobid);
			expect(jobids).toEqual([undefined, undefined, expected]);
		},
	);

	it('markPossiblySubmitted gives that job to one of several items with the same inputs', async () => {
		const alike = { isUniqueReplyRef: false, replyRef: 'the same' };
		const suspension = suspensionOf('one');
		suspension.items = [pendingItem(0, alike), pendingItem(1, alike)];
		const job = { replyRef: 'the same' };
		const { parts } = fakeRun({ getJob: (jobid) => found(jobid, 'completed', job) });
		await markPossiblySubmitted(nodeWith(new Set(['one']), 'b'), suspension, parts);
		const jobids = suspension.items.map(({ possiblySubmitted }) => possiblySubmitted?.jobid);
		expect(jobids).toEqual(['b', undefined]);
	});

	it('markPossiblySubmitted corrects a difference between the clocks', async () => {
		const suspension = suspensionOf('one');
		suspension.items[2] = pendingItem(2, { isUniqueReplyRef: false });
		const slow = 60 * 60_000;
		const created = new Date(NOW - slow).toISOString();
		const { parts } = fakeRun({
			getJob: (jobid) => ({
				...found(jobid, 'completed', { ...mine, created }),
				answeredAt: NOW - slow,
			}),
		});
		await markPossiblySubmitted(nodeWith(new Set(['one']), 'b'), suspension, parts);
		expect(suspension.items[2].possiblySubmitted?.jobid).toBe('b');
	});

	it('markPossiblySubmitted does not read the job of the callback if an item has it already', async () => {
		const run = fakeRun({ claims: ['b'] });
		await markPossiblySubmitted(nodeWith(new Set(['one']), 'b'), suspensionOf('one'), run.parts);
		expect(run.requests).toEqual([]);
	});

	it.each(['', 'a/b', 'x'.repeat(257)])(
		'markPossiblySubmitted does not read the impossible job ID %p',
		async (called) => {
			const run = fakeRun();
			await markPossiblySubmitted(
				nodeWith(new Set(['one']), called),
				suspensionOf('one'),
				run.parts,
			);
			expect(run.requests).toEqual([]);
		},
	);

	it('markPossiblySubmitted does not read the job of the callback if the suspension is resumed for the first time', async () => {
		const run = fakeRun();
		const node = nodeWith(new Set(), 'b');
		await markPossiblySubmitted(node, suspensionOf('one'), run.parts);
		expect(run.requests).toEqual([]);
		expect(Object.keys(node.getExecuteData().metadata ?? {})).toEqual([]);
	});

	it('markPossiblySubmitted trusts a suspension if the store is not available', async () => {
		const suspension = suspensionOf('one');
		await markPossiblySubmitted(nodeWith(undefined), suspension, fakeRun().parts);
		expect(marked(suspension)).toEqual([false, false, false]);
	});
});
