import type { IExecuteFunctions } from 'n8n-workflow';

import { markPossiblySubmitted } from '../../../nodes/Pika/waiting/staleState';
import type { Suspension } from '../../../nodes/Pika/waiting/suspension';
import { EXECUTION, knownItem, pendingItem } from '../jobs/fakeClient';

const SAVED_AT = 1_700_000_000_000;
const NOW = SAVED_AT + 60_000;
const replyUrl = 'https://n8n.example/resume';

function suspensionOf(id: string): Suspension {
	const place = { runIndex: 0, executionId: EXECUTION, savedAt: SAVED_AT, awaited: ['a'] };
	const items = [knownItem(0, 'a'), pendingItem(1, { fields: { replyUrl } }), pendingItem(2)];
	const nothing = { backlog: {}, finished: [], isCancelling: false, channels: {}, input: [] };
	return { id, ...place, items, ...nothing };
}

/** A node with n8n's deduplication store, which all its processes share. */
function nodeWith(notes: Set<string> | undefined): IExecuteFunctions {
	const node = {
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
		await markPossiblySubmitted(nodeWith(new Set()), suspension, NOW);
		expect(marked(suspension)).toEqual([false, false, false]);
	});

	it('markPossiblySubmitted marks every pending item of a suspension that was resumed before', async () => {
		const notes = new Set<string>();
		await markPossiblySubmitted(nodeWith(notes), suspensionOf('one'), NOW);
		const again = suspensionOf('one');
		await markPossiblySubmitted(nodeWith(notes), again, NOW);
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
		await markPossiblySubmitted(nodeWith(notes), suspensionOf('one'), NOW);
		await markPossiblySubmitted(nodeWith(notes), suspensionOf('two'), NOW);
		expect([...notes]).toEqual(['one', 'two']);
	});

	it('markPossiblySubmitted trusts a suspension if the store is not available', async () => {
		const suspension = suspensionOf('one');
		await markPossiblySubmitted(nodeWith(undefined), suspension, NOW);
		expect(marked(suspension)).toEqual([false, false, false]);
	});
});
