import { triggerStateOf } from '../../../nodes/Pika/trigger/state';

describe('memoryOf', () => {
	it('is the same for the same trigger, and another for any other', () => {
		const memory = triggerStateOf('workflow', 'node');
		expect(triggerStateOf('workflow', 'node')).toBe(memory);
		expect(triggerStateOf('workflow', 'other')).not.toBe(memory);
		expect(triggerStateOf('other', 'node')).not.toBe(memory);
		expect(triggerStateOf('workflow","node', '')).not.toBe(memory);
	});

	it('forgets the triggers that were not used longest, beyond 500', () => {
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
