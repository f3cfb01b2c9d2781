import { memoryOf } from '../../../nodes/Pika/trigger/memory';

describe('memoryOf', () => {
	it('is the same for the same trigger, and another for any other', () => {
		const memory = memoryOf('workflow', 'node');
		expect(memoryOf('workflow', 'node')).toBe(memory);
		expect(memoryOf('workflow', 'other')).not.toBe(memory);
		expect(memoryOf('other', 'node')).not.toBe(memory);
		expect(memoryOf('workflow","node', '')).not.toBe(memory);
	});

	it('forgets the triggers that were not used longest, beyond 500', () => {
		const used = memoryOf('used', 'node');
		const unused = memoryOf('unused', 'node');
		for (let i = 0; i < 499; i++) {
			memoryOf(`${i}`, 'node');
			memoryOf('used', 'node');
		}
		expect(memoryOf('used', 'node')).toBe(used);
		expect(memoryOf('unused', 'node')).not.toBe(unused);
	});
});
