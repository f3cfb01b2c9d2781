import { Claims, claimsIn } from '../../../nodes/Pika/jobs/claims';

describe('Claims', () => {
	it('gives a job to the first item that asks', () => {
		const claims = new Claims();
		expect([claims.has('a'), claims.claim('a'), claims.claim('a'), claims.has('a')]).toEqual([
			false,
			true,
			false,
			true,
		]);
	});

	it('knows the jobs that other nodes and rounds of the execution hold, and tells them of its own', () => {
		const shared = ['a'];
		const claims = new Claims(shared);
		expect([claims.has('a'), claims.claim('a'), claims.claim('b')]).toEqual([true, false, true]);
		expect(shared).toEqual(['a', 'b']);
	});

	it('knows that an answer is awaited until all with the same reference have come', async () => {
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

	it('are the same for all runs of an execution that go on at the same time', () => {
		const shared: string[] = [];
		claimsIn(shared).claim('a');
		expect(claimsIn(shared).claim('a')).toBe(false);
		expect(claimsIn([]).claim('a')).toBe(true);
	});
});
