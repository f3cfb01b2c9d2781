import type { IExecuteData, IExecuteFunctions } from 'n8n-workflow';

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

	it.each([
		['of one of the items', 'ref-2', true, [undefined, 'b']],
		['of no item', 'ref-3', true, [undefined, undefined]],
		['of an item with the user’s reference', 'ref-2', false, [undefined, undefined]],
	])(
		'markPossiblySubmitted gives the job of the callback to its item, if it is %s',
		async (_whose, replyRef, isUniqueReplyRef, expected) => {
			const notes = new Set(['one']);
			const suspension = suspensionOf('one');
			suspension.items[2] = pendingItem(2, { isUniqueReplyRef });
			const { parts } = fakeRun({ getJob: (jobid) => found(jobid, 'completed', { replyRef }) });
			await markPossiblySubmitted(nodeWith(notes, 'b'), suspension, parts);
			const [, ...pending] = suspension.items;
			expect(pending.map(({ possiblySubmitted }) => possiblySubmitted?.jobid)).toEqual(expected);
		},
	);

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
