import { HIDDEN } from '../../../nodes/Pika/api/responseBody';
import { isJobOf, type SubmissionQuery } from '../../../nodes/Pika/jobs/jobMatch';

const NOW = 1_700_000_000_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const at = (offset: number) => new Date(NOW + offset).toISOString();

const query: SubmissionQuery = {
	endpoint: 'encrypt_text',
	fields: { message: 'HELLO', prompt: 'waves', replyUrl: 'https://n8n.example/a', replyRef: 'ref' },
	files: { image: { size: 4 } },
	isUniqueReplyRef: true,
	sentAt: NOW - 10 * SECOND,
};

const same = {
	jobid: 'a',
	verb: 'pika-encrypt_text',
	...query.fields,
	image: { size: 4 },
	created: at(-9 * SECOND),
};

describe('isJobOf', () => {
	it.each<[string, object, boolean, boolean]>([
		['that is identical', {}, true, true],
		['with another reference', { replyRef: 'reference' }, false, false],
		['without a reference', { replyRef: undefined }, false, false],
		['with another prompt', { prompt: 'wind' }, true, false],
		['with the same prompt but for blanks around it', { prompt: ' waves\n' }, true, true],
		['without a prompt', { prompt: undefined }, true, true],
		['with another message', { message: 'WORLD' }, true, false],
		['with another reply URL', { replyUrl: 'https://n8n.example/b' }, true, false],
		['with a reply URL of which a secret is hidden', { replyUrl: HIDDEN }, true, true],
		['of another endpoint', { verb: 'pika-animate' }, true, false],
		['of an endpoint that is not given', { verb: undefined }, true, true],
		['with a file of another size', { image: { size: 5 } }, true, false],
		['with a file of unknown size', { image: {} }, true, true],
		['with a file that is not given', { image: undefined }, true, true],
		['with a file that is null', { image: null }, true, true],
		['with a size that is a text', { image: { size: '4' } }, true, true],
		['with fields that were not sent', { font: 'serif' }, true, true],
		['made long before the request left', { created: at(-3 * MINUTE) }, true, false],
		['made before the request left, within clock skew', { created: at(-2 * MINUTE) }, true, true],
		['made long after the request left', { created: at(8 * MINUTE) }, true, false],
		['made at an unknown time', { created: undefined }, true, true],
		['made at an invalid time', { created: 'yesterday' }, true, true],
	])(
		'isJobOf compares a job %s, with a generated and with the user’s reference',
		(_, change, ours, own) => {
			const job = { ...same, ...change };
			const isFound = [true, false].map((isUniqueReplyRef) =>
				isJobOf(job, { ...query, isUniqueReplyRef }, NOW),
			);
			expect(isFound).toEqual([ours, own]);
		},
	);

	it('isJobOf compares times by the clock of useapi.net if that is known', () => {
		const hour = 60 * MINUTE;
		const job = { ...same, created: at(hour - 9 * SECOND) };
		const own = { ...query, isUniqueReplyRef: false };
		expect(isJobOf(job, own, NOW)).toBe(false);
		expect(isJobOf(job, own, NOW, NOW + hour)).toBe(true);
	});

	it('isJobOf accepts a job of any time within which the request may have been sent', () => {
		const job = { ...same, created: at(-10 * MINUTE) };
		const own = { ...query, isUniqueReplyRef: false, sentAt: NOW - 20 * MINUTE };
		expect(isJobOf(job, own, NOW)).toBe(false);
		expect(isJobOf(job, { ...own, sentUntil: NOW }, NOW)).toBe(true);
	});

	it('isJobOf does not match the parent of a retried video because of its job ID', () => {
		const fields = { jobid: 'parent', replyRef: 'ref' };
		const retry = { ...query, endpoint: 'button', fields, files: {} } as const;
		const job = { jobid: 'child', verb: 'pika-anything', replyRef: 'ref', created: at(0) };
		expect(isJobOf(job, { ...retry, isUniqueReplyRef: false }, NOW)).toBe(true);
	});
});
