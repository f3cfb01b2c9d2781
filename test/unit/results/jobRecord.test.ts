import type { IExecuteFunctions } from 'n8n-workflow';

import { recordJobs } from '../../../nodes/Pika/results/jobRecord';

describe('recordJobs', () => {
	it('Custom data has only whole names, in ten entries of at most 255 characters', () => {
		const names = Array.from({ length: 30 }, (_, i) => `job-${1000 + i}`.padEnd(126, 'x'));
		const set = jest.fn<void, [string, string]>();
		const node = { customData: { set } } as unknown as IExecuteFunctions;
		recordJobs(node, names.join(', '));
		const lines = set.mock.calls.map(([, line]) => line);
		expect(lines).toHaveLength(10);
		expect(lines.every(({ length }) => length <= 255)).toBe(true);
		const kept = lines.join(', ').split(', ');
		expect(kept).toEqual(names.slice(0, kept.length));
	});
});
