import type { Measurement } from '../../bench/report/measurement.cts';
import { svgOf } from '../../bench/report/svg.cts';

const rows: Measurement[] = [
	{
		section: 'upload',
		what: 'Small & <large>',
		unit: 'ms',
		ours: { name: 'Pika', values: [50] },
		theirs: { name: 'HTTP Request', values: [200] },
	},
	{
		section: 'upload',
		what: 'Flat',
		unit: 'MB',
		ours: { name: 'Pika', values: [0] },
		theirs: { name: 'HTTP Request', values: [280] },
	},
	{
		section: 'callbacks',
		what: 'Rate',
		unit: 'per second',
		ours: { name: 'Trigger', values: [10] },
		theirs: { name: 'Webhook', values: [20] },
	},
	{ section: 'cost', what: 'Alone', unit: 'kB', ours: { name: 'Package', values: [64] } },
];

const svg = svgOf(rows, 'on a machine');

function widths(kind: string): number[] {
	const rects = svg.matchAll(new RegExp(`class="${kind}" x="400" y="\\d+" width="([\\d.]+)"`, 'g'));
	return [...rects].map(([, width]) => Number(width));
}

describe('the picture', () => {
	it('draws each pair of bars to a scale of its own', () => {
		expect(widths('ours')).toEqual([75, 1, 150, 300]);
		expect(widths('theirs')).toEqual([300, 300, 300]);
	});

	it('says each value in words', () => {
		for (const value of ['50.0 ms', '200 ms', '0 MB', '280 MB', '64.0 kB']) {
			expect(svg).toContain(`>${value}<`);
		}
	});

	it('says where longer bars are better', () => {
		expect(svg.match(/[^>]*longer is better/g)).toEqual([
			'Trigger against Webhook, ratio 0.50; longer is better',
		]);
	});

	it('escapes what would be markup', () => {
		expect(svg).toContain('Small &amp; &lt;large&gt;');
		expect(svg).not.toContain('<large>');
	});

	it('has colours for dark pages too, and loads nothing from elsewhere', () => {
		expect(svg).toContain('prefers-color-scheme: dark');
		expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toContain('http');
	});
});
