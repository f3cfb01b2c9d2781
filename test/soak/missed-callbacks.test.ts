import { findMissedCallbacks, type ResumeCall } from '../../e2e/soak/missed-callbacks.cts';

const WAIT = { jobid: 'a', acceptedAt: 1_000_000, waitLimitMilliseconds: 60_000 };
const CALL: ResumeCall = { jobid: 'a', status: 'completed', answer: 200, endedAt: 1_010_000 };

describe('findMissedCallbacks', () => {
	it.each<[string, Partial<ResumeCall>, string[]]>([
		['n8n took the callback long before the limit', {}, ['a']],
		['n8n took it too late to do something', { endedAt: 1_050_000 }, []],
		['n8n refused it', { answer: 409 }, []],
		['it got no answer', { answer: undefined, endedAt: undefined }, []],
		['it said that the job goes on', { status: 'progress' }, []],
		['it was that of another job', { jobid: 'b' }, []],
	])('A wait that ran out is reported correctly if %s.', (_, call, expected) => {
		expect(findMissedCallbacks([WAIT], [{ ...CALL, ...call }], ['completed'])).toEqual(expected);
	});
});
