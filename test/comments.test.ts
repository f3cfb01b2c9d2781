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
	it('Comments name only files that exist', () => {
		expect(across(missingFiles)).toEqual([]);
	});

	it('Comments cite only headings that their documents have', () => {
		expect(across(missingHeadings)).toEqual([]);
	});

	it('Comments cite documents by heading, not by number', () => {
		expect(across((source) => commentsThat(source, /\bsections? \d/i))).toEqual([]);
	});

	it('Comments refer to nothing outside the repository', () => {
		const outside = /\.\.\/shared\/|\b(?:house|product|measured|pika-v1)\.md\b/;
		expect(across((source) => (outside.test(source.text) ? [source.path] : []))).toEqual([]);
	});
});

describe('documents that comments cite', () => {
	it.each(['docs/api-contract.md', 'docs/n8n-internals.md'])(
		'Every file named in %s exists',
		(document) => {
			expect(missingFilesOf(document)).toEqual([]);
		},
	);
});
