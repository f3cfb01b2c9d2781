import { type Measurement, ratioOf } from './measurement.cts';
import { digits } from './table.cts';
import { summarize } from './statistics.cts';

const WIDTH = 820;
/** Wide enough for the longest label. */
const LABELS = 400;
const BARS = 300;
const ROW = 44;
const BAR = 12;
const TOP = 56;

function escape(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function rowOf(measurement: Measurement, y: number): string {
	const { what, unit, ours, theirs } = measurement;
	const contenders = theirs ? [ours, theirs] : [ours];
	const medians = contenders.map(({ values }) => Math.max(0, summarize(values).median));
	const longest = Math.max(...medians, Number.MIN_VALUE);
	const bars = contenders.map(({ name }, i) => {
		const value = medians[i] ?? 0;
		const width = Math.max(1, (value / longest) * BARS).toFixed(1);
		const top = y + i * (BAR + 2);
		const kind = i === 0 ? 'ours' : 'theirs';
		return (
			`<rect class="${kind}" x="${LABELS}" y="${top}" width="${width}" height="${BAR}" rx="2"/>` +
			`<text class="value" x="${LABELS + Number(width) + 6}" y="${top + BAR - 2}">${escape(`${digits(value)} ${unit}`)}<title>${escape(name)}</title></text>`
		);
	});
	const ratio = ratioOf(measurement);
	const compared = theirs
		? `${ours.name} against ${theirs.name}${ratio ? `, ratio ${ratio.median.toFixed(2)}` : ''}`
		: ours.name;
	const direction = unit === 'per second' ? '; longer is better' : '';
	return [
		`<text x="0" y="${y + BAR - 2}">${escape(what)}</text>`,
		`<text class="value" x="0" y="${y + 2 * BAR}">${escape(`${compared}${direction}`)}</text>`,
		...bars,
	].join('\n');
}

/** Bars of the package above bars of what it is compared with, each pair to a scale of its own; for light and dark pages. */
export function svgOf(measurements: readonly Measurement[], caption: string): string {
	const height = TOP + measurements.length * ROW;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(caption)}">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.value { font-size: 11px; fill: #59636e; }
.ours { fill: #0969da; }
.theirs { fill: #8c959f; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.value { fill: #9198a1; }
.ours { fill: #4493f8; }
.theirs { fill: #656c76; }
}
</style>
<rect class="ours" x="0" y="4" width="12" height="12" rx="2"/><text x="18" y="15">this package</text>
<rect class="theirs" x="120" y="4" width="12" height="12" rx="2"/><text x="138" y="15">what it is compared with; shorter is better where nothing else is said</text>
<text class="value" x="0" y="36">${escape(caption)}</text>
${measurements.map((measurement, i) => rowOf(measurement, TOP + i * ROW)).join('\n')}
</svg>
`;
}
