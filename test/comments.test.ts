import {
	citingSources,
	missingFiles,
	missingFilesOf,
	missingHeadings,
} from './structure/citations.cts';
import { commentsThat, type Source } from './structure/source.cts';

const sources = citingSources();

function across(find: (source: Source) => string[]): string[] {
	return sources.flatMap(find);
}

describe('comments', () => {
	it('name files that the project has', () => {
		expect(across(missingFiles)).toEqual([]);
	});

	it('cite headings that their documents have', () => {
		expect(across(missingHeadings)).toEqual([]);
	});

	it('cite documents by their headings, not by numbers', () => {
		expect(across((source) => commentsThat(source, /\bsections? \d/i))).toEqual([]);
	});

	it('point to nothing outside of the repository', () => {
		const outside = /\.\.\/shared\/|\b(?:house|product|measured|pika-v1)\.md\b/;
		expect(across((source) => (outside.test(source.text) ? [source.path] : []))).toEqual([]);
	});
});

describe('the documents that comments cite', () => {
	it.each(['docs/api-contract.md', 'docs/n8n-internals.md'])(
		'name in %s files that the project has',
		(document) => {
			expect(missingFilesOf(document)).toEqual([]);
		},
	);
});
