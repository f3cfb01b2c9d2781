import { Claims } from '../../../nodes/Pika/jobs/claims';

describe('Claims', () => {
	it('gives a job to the first that asks', () => {
		const claims = new Claims();
		expect([claims.has('a'), claims.claim('a'), claims.claim('a'), claims.has('a')]).toEqual([
			false,
			true,
			false,
			true,
		]);
	});
});
