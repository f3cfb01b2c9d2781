import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Panel } from './panels.cts';
import { digits } from './table.cts';

/** What is needed of the DOM, whose types are not among those of Node. */
interface Drawing {
	textContent: string | null;
	readonly outerHTML: string;
	setAttribute(name: string, value: string): void;
	append(...parts: Drawing[]): void;
	querySelector(selector: string): { remove(): void } | null;
}
interface Page {
	createElementNS(namespace: string, name: string): Drawing;
}

const WIDTH = 400;
const HEAD = 44;
const BAR = 26;
const NAMES = 216;
const VALUES = 76;
/** For units that need too much room. */
const SHORT: Record<string, string> = { 'per second': '/ s' };
const COLUMNS = 2;
const GAP = 24;

const STYLE = `
svg { font: 12px system-ui, sans-serif; color: #1f2328; }
.title { font-size: 13px; font-weight: 600; fill: currentColor; }
.hint { fill: #59636e; }
:root { --ours: #0969da; --theirs: #afb8c1; }
@media (prefers-color-scheme: dark) {
svg { color: #f0f6fc; }
.hint { fill: #9198a1; }
:root { --ours: #4493f8; --theirs: #656c76; }
}`;

function textNode(document: Page, text: string, kind: string, x: number, y: number): Drawing {
	const element = document.createElementNS('http://www.w3.org/2000/svg', 'text');
	element.setAttribute('class', kind);
	element.setAttribute('x', String(x));
	element.setAttribute('y', String(y));
	element.textContent = text;
	return element;
}

function drawingOf(document: Page, { bars, unit }: Panel): Drawing {
	const domain = bars.map(({ name }) => name);
	const options = {
		document,
		width: WIDTH,
		height: bars.length * BAR,
		marginLeft: NAMES,
		marginRight: VALUES,
		marginTop: 0,
		marginBottom: 0,
		x: { axis: null, domain: [0, Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)] },
		y: { label: null, tickSize: 0, domain },
		marks: [
			Plot.barX(bars, {
				x: 'value',
				y: 'name',
				fill: ({ isOurs }: Panel['bars'][number]) => (isOurs ? 'var(--ours)' : 'var(--theirs)'),
				insetTop: 3,
				insetBottom: 3,
			}),
			Plot.text(bars, {
				x: 'value',
				y: 'name',
				text: ({ value }: Panel['bars'][number]) => `${digits(value)} ${SHORT[unit] ?? unit}`,
				textAnchor: 'start',
				dx: 6,
			}),
		],
	};
	const drawing = Plot.plot(options as unknown as Plot.PlotOptions) as unknown as Drawing;
	// Plot's own style would set a background and a font.
	drawing.querySelector('style')?.remove();
	return drawing;
}

/** Small charts, each to a scale of its own, for light and dark pages. */
export function svgOf(panels: readonly Panel[], caption: string): string {
	const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as {
		document: Page;
	};
	const most = Math.max(...panels.map(({ bars }) => bars.length), 0);
	const height = HEAD + most * BAR + GAP;
	const rows = Math.ceil(panels.length / COLUMNS);
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
	const size = { width: COLUMNS * (WIDTH + GAP), height: rows * height };
	svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
	svg.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
	svg.setAttribute('width', String(size.width));
	svg.setAttribute('height', String(size.height));
	svg.setAttribute('role', 'img');
	svg.setAttribute('aria-label', caption);
	const style = document.createElementNS('http://www.w3.org/2000/svg', 'style');
	style.textContent = STYLE;
	svg.append(style);
	panels.forEach((panel, i) => {
		const x = (i % COLUMNS) * (WIDTH + GAP);
		const y = Math.floor(i / COLUMNS) * height;
		const hint = panel.isMoreBetter ? 'more is better' : 'less is better';
		const drawing = drawingOf(document, panel);
		drawing.setAttribute('x', String(x));
		drawing.setAttribute('y', String(y + HEAD));
		svg.append(
			textNode(document, panel.title, 'title', x, y + 16),
			textNode(document, hint, 'hint', x, y + 34),
			drawing,
		);
	});
	return `${svg.outerHTML}\n`;
}
