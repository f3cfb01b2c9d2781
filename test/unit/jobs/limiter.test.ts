import { ChannelLimiter, Limiter } from '../../../nodes/Pika/jobs/limiter';
import { fakeRun } from './fakeClient';

describe('Limiter', () => {
	it('Limiter runs at most the given number of tasks at a time, in their order', async () => {
		const { clock } = fakeRun();
		const limiter = new Limiter(3);
		const started: number[] = [];
		let active = 0;
		let most = 0;
		const task = async (n: number) => {
			started.push(n);
			most = Math.max(most, ++active);
			await clock.latency(1000);
			active--;
			return n;
		};
		const numbers = Array.from({ length: 10 }, (_, n) => n);
		const work = Promise.all(
			numbers.map(async (n) => await limiter.run(async () => await task(n))),
		);
		expect(await clock.run(work)).toEqual(numbers);
		expect(most).toBe(3);
		expect(started).toEqual(numbers);
	});

	it('Limiter goes on after a task that failed', async () => {
		const limiter = new Limiter(1);
		const failing = limiter.run(async () => {
			throw new Error('broken');
		});
		const next = limiter.run(async () => 'done');
		await expect(failing).rejects.toThrow('broken');
		expect(await next).toBe('done');
	});
});

describe('ChannelLimiter', () => {
	it('ChannelLimiter does not let hanging tasks of one channel delay those of others', async () => {
		const limiter = new ChannelLimiter(2);
		const begun: string[] = [];
		const hang = async () => {
			begun.push('a');
			await new Promise<never>(() => undefined);
		};
		for (let i = 0; i < 3; i++) void limiter.run('a', hang);
		const others = ['b', ''].map(
			async (channel) => await limiter.run(channel, async () => await Promise.resolve(channel)),
		);
		expect(await Promise.all(others)).toEqual(['b', '']);
		expect(begun).toEqual(['a', 'a']);
	});
});
