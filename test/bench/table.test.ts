import {
	type Measurement,
	withRatioAtMost,
	withValueAtMost,
} from '../../bench/report/measurement.cts';
import { digits, markdownOf, putBetween, tableOf, textOf } from '../../bench/report/table.cts';

const measurement: Measurement = {
	section: 'upload',
	what: 'Upload time',
	unit: 'ms',
	ours: { name: 'Pika', values: [100, 110, 90] },
	theirs: { name: 'HTTP Request', values: [200, 200, 200] },
};

describe('digits', () => {
	it.each<[number, string]>([
		[0, '0'],
		[0.123, '0.12'],
		[9.876, '9.88'],
		[12.34, '12.3'],
		[123.4, '123'],
		[12345.6, '12346'],
		[-12.34, '-12.3'],
	])('The number %d is written as %s.', (value, text) => {
		expect(digits(value)).toBe(text);
	});
});

describe('the table', () => {
	it.each<[string, Measurement, string[]]>([
		[
			'medians and their ratio with its spread',
			measurement,
			['Upload time', 'Pika: 100 ms', 'HTTP Request: 200 ms', '0.50 (0.45–0.55)', ''],
		],
		[
			'a target that is met',
			withRatioAtMost(measurement, 1),
			[
				'Upload time',
				'Pika: 100 ms',
				'HTTP Request: 200 ms',
				'0.50 (0.45–0.55)',
				'ratio at most 1: met',
			],
		],
		[
			'a target that is missed, for all to see',
			withValueAtMost({ ...measurement, theirs: undefined }, 30),
			['Upload time', 'Pika: 100 ms', '', '', 'at most 30 ms: **not met**'],
		],
	])('The table shows %s.', (_, shown, row) => {
		expect(tableOf([shown])[1]).toEqual(row);
	});
});

describe('markdownOf', () => {
	it('A Markdown table has a header, a separator and rows, and pipes in cells are escaped.', () => {
		const rows = [
			['a', 'b'],
			['1|2', ''],
		];
		expect(markdownOf(rows)).toBe('| a | b |\n| --- | --- |\n| 1\\|2 |  |');
	});
});

describe('textOf', () => {
	it('A text table has aligned columns without Markdown.', () => {
		const rows = [
			['what', 'target'],
			['time', '**not met**'],
			['longer than that', 'met'],
		];
		expect(textOf(rows).split('\n')).toEqual([
			'what              target',
			'time              not met',
			'longer than that  met',
		]);
	});
});

describe('putBetween', () => {
	const document = 'before\n<!-- x:begin -->\nold\n<!-- x:end -->\nafter';

	it('Only the text between the markers is replaced.', () => {
		expect(putBetween(document, 'x', 'new')).toBe(
			'before\n<!-- x:begin -->\n\nnew\n\n<!-- x:end -->\nafter',
		);
	});

	it('Replacing the text twice gives the same result.', () => {
		const once = putBetween(document, 'x', 'new');
		expect(putBetween(once, 'x', 'new')).toBe(once);
	});

	it.each(['y', ''])('Missing markers are an error.', (marker) => {
		expect(() => putBetween(document, marker, 'new')).toThrow('are missing');
	});
});
