import { isWanted, mayBeWanted } from '../../../nodes/Pika/trigger/filter';

const ends = { statuses: ['completed', 'failed'], verbs: [] };
const creates = { statuses: ['completed'], verbs: ['pika-create'] };
const all = { statuses: [], verbs: [] };

describe('isWanted and mayBeWanted', () => {
	it.each([
		['a chosen status', { status: 'failed' }, ends, true, true],
		['another status', { status: 'progress' }, ends, false, false],
		['a chosen status and verb', { status: 'completed', verb: 'pika-create' }, creates, true, true],
		['another verb', { status: 'completed', verb: 'pika-animate' }, creates, false, false],
		[
			'another status with a chosen verb',
			{ status: 'failed', verb: 'pika-create' },
			creates,
			false,
			false,
		],
		['a job without a verb', { status: 'completed' }, creates, false, true],
		['a job without a status', { verb: 'pika-create' }, creates, false, true],
		['a job without either', {}, creates, false, true],
		['a status that nobody knows', { status: 'expired' }, ends, false, false],
		['a status that nobody knows, if all are chosen', { status: 'expired' }, all, true, true],
		['a job without a status, if all are chosen', {}, all, false, true],
	])('isWanted and mayBeWanted classify %s', (_what, job, filter, isIn, mayBe) => {
		expect([isWanted(job, filter), mayBeWanted(job, filter)]).toEqual([isIn, mayBe]);
	});
});
