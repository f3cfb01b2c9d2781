import type { INodePropertyOptions } from 'n8n-workflow';

import { RUNNING_STATUSES, TERMINAL_STATUSES } from '../../../nodes/Pika/api/job';
import { PikaTrigger } from '../../../nodes/Pika/PikaTrigger.node';

const { description } = new PikaTrigger();

describe('the description of Pika Trigger', () => {
	it('Pika Trigger has exactly the parameters that workflows store, with their defaults', () => {
		const defaults = description.properties
			.filter(({ type }) => type !== 'notice')
			.map((field) => [field.name, field.default]);
		expect(Object.fromEntries(defaults)).toEqual({
			statuses: ['completed', 'failed', 'moderated', 'cancelled'],
			verbs: [],
			confirm: true,
			authentication: 'none',
			download: true,
			outputBinaryField: 'video',
			registerAsDefault: false,
		});
	});

	it('Pika Trigger is a trigger of version 2 with one webhook, and not a tool', () => {
		expect([description.name, description.version, description.inputs]).toEqual([
			'pikaTrigger',
			2,
			[],
		]);
		expect(description.webhooks).toHaveLength(1);
		expect(description.usableAsTool).toBeUndefined();
	});

	it('The notice and the panel of Pika Trigger say where to enter which URL, that it must be reachable, and how to try it', () => {
		const notices = description.properties.filter(({ type }) => type === 'notice');
		const notice = notices.map(({ displayName }) => displayName).join(' ');
		const texts = [notice, JSON.stringify(description.triggerPanel)];
		for (const words of ['Production URL', 'Pika node', 'reach', 'sandbox']) {
			for (const text of texts) expect(text).toContain(words);
		}
	});

	it('Pika Trigger offers every status of the API as an action, with a readable name', () => {
		const field = description.properties.find(({ name }) => name === 'statuses');
		// n8n looks for a field that is called this.
		expect(field?.displayName).toBe('Trigger On');
		const options = (field?.options ?? []) as INodePropertyOptions[];
		expect(options.map(({ value }) => value)).toEqual([...TERMINAL_STATUSES, ...RUNNING_STATUSES]);
		expect(options.filter(({ action = '' }) => !/^On job [a-z ]+$/.test(action))).toEqual([]);
	});

	it('Pika Trigger says what to do next while it listens', () => {
		expect(description.eventTriggerDescription).toMatch(/submit one .* Test URL/);
		expect(description.activationMessage).toContain('Production URL');
	});

	it('No hint of Pika Trigger is longer than 120 characters', () => {
		const hints = description.properties.flatMap(({ hint }) => hint ?? []);
		expect(hints.filter((hint) => hint.length > 120)).toEqual([]);
	});

	it('Pika Trigger hides the download fields if callbacks are not confirmed', () => {
		const shown = description.properties
			.filter(({ name }) => ['download', 'outputBinaryField'].includes(name))
			.map(({ displayOptions }) => displayOptions?.show?.confirm);
		expect(shown).toEqual([[true], [true]]);
	});
});
