import { Claims, claimsIn } from '../../../nodes/Pika/jobs/claims';

describe('Claims', () => {
	it('Claims gives a job to the first item that claims it', () => {
		const claims = new Claims();
		expect([claims.has('a'), claims.claim('a'), claims.claim('a'), claims.has('a')]).toEqual([
			false,
			true,
			false,
			true,
		]);
	});

	it('Claims knows the jobs of other nodes and loop rounds, and shares its own with them', () => {
		const shared: Record<string, true> = { a: true };
		const claims = new Claims(shared);
		expect([claims.has('a'), claims.claim('a'), claims.claim('b')]).toEqual([true, false, true]);
		expect(shared).toEqual({ a: true, b: true });
	});

	it('Claims knows that a response is pending until all submissions with the same reference have theirs', async () => {
		const claims = new Claims();
		let answer = (): void => undefined;
		const first = claims.during('order', new Promise<void>((settle) => (answer = settle)));
		const second = claims.during('order', Promise.reject(new Error('broken')));
		await expect(second).rejects.toThrow('broken');
		expect([claims.isUnderWay('order'), claims.isUnderWay('another')]).toEqual([true, false]);
		answer();
		await first;
		expect(claims.isUnderWay('order')).toBe(false);
	});

	it('claimsIn returns the same Claims for all runs of an execution that are active at the same time', () => {
		const shared: Record<string, true> = {};
		claimsIn(shared).claim('a');
		expect(claimsIn(shared).claim('a')).toBe(false);
		expect(claimsIn({}).claim('a')).toBe(true);
	});
});
