import { triggerStateOf } from '../../../nodes/Pika/trigger/state';

describe('triggerStateOf', () => {
	it('triggerStateOf returns one state for each trigger, which no other trigger shares', () => {
		const state = triggerStateOf('workflow', 'node');
		expect(triggerStateOf('workflow', 'node')).toBe(state);
		expect(triggerStateOf('workflow', 'other')).not.toBe(state);
		expect(triggerStateOf('other', 'node')).not.toBe(state);
		expect(triggerStateOf('workflow","node', '')).not.toBe(state);
	});

	it('triggerStateOf forgets the least recently used of more than 500 triggers', () => {
		const used = triggerStateOf('used', 'node');
		const unused = triggerStateOf('unused', 'node');
		for (let i = 0; i < 499; i++) {
			triggerStateOf(`${i}`, 'node');
			triggerStateOf('used', 'node');
		}
		expect(triggerStateOf('used', 'node')).toBe(used);
		expect(triggerStateOf('unused', 'node')).not.toBe(unused);
	});
});
