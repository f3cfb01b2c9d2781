import { sanitizeText, withoutMarkup } from '../../../nodes/Pika/api/sanitizeText';

describe('sanitizeText', () => {
	it.each<[string, string, string]>([
		['a plain text', 'Unauthorized', 'Unauthorized'],
		['several lines', 'one\r\n\ttwo\u2028three', 'one two three'],
		['control characters', 'a\u0000b\u0007c\u009bd', 'a b c d'],
		['text direction marks', 'a\u202eb', 'a b'],
		['accents and emoji', 'Zoë 🌊', 'Zoë 🌊'],
		['blanks alone', ' \n ', ''],
		['nothing', '', ''],
	])('sanitizeText keeps the readable part of %s', (_, text, short) => {
		expect(sanitizeText(text)).toBe(short);
	});

	it('sanitizeText leaves 500 characters unchanged', () => {
		expect(sanitizeText('x'.repeat(500))).toBe('x'.repeat(500));
	});

	it('sanitizeText truncates 501 characters and marks the truncation', () => {
		const short = sanitizeText('x'.repeat(501));
		expect(short).toMatch(/^x+ ?…$/);
		expect(short.replace(/ ?…$/, '').length).toBeLessThanOrEqual(500);
	});

	it('sanitizeText never cuts a character in half', () => {
		const short = sanitizeText(`${'x'.repeat(499)}🌊🌊`);
		expect(short).not.toMatch(/\p{Surrogate}/u);
	});

	it('sanitizeText copes with ten million characters', () => {
		expect(sanitizeText('x '.repeat(5_000_000)).length).toBeLessThanOrEqual(510);
	});
});

describe('withoutMarkup', () => {
	it.each<[string, string, string]>([
		['a page', '<h1>Gone</h1><p>for good</p>', 'Gone for good'],
		['styles and scripts', '<style>p{}</style>a<script type="x">if (1 < 2) x()</script>b', 'a b'],
		['capitals', '<SCRIPT>x()</SCRIPT>a', 'a'],
		['a tag over several lines', '<a\nhref="x"\n>link</a>', 'link'],
		['no markup', '1 < 2', '1 < 2'],
	])('withoutMarkup returns the text of %s', (_, text, plain) => {
		expect(sanitizeText(withoutMarkup(text))).toBe(plain);
	});

	it.each<[string, string]>([
		['angle brackets that never close', '<'.repeat(100_000)],
		['scripts that never end', '<script>'.repeat(20_000)],
	])('withoutMarkup takes no noticeable time for a page of %s', (_, page) => {
		const start = Date.now();
		withoutMarkup(page);
		expect(Date.now() - start).toBeLessThan(500);
	});
});
