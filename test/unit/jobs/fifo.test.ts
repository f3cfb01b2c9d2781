import fc from 'fast-check';

import { Fifo } from '../../../nodes/Pika/jobs/fifo';

function drain<Member>(queue: Fifo<Member>): Member[] {
	const members: Member[] = [];
	for (let first = queue.shift(); first !== undefined; first = queue.shift()) members.push(first);
	return members;
}

describe('Fifo', () => {
	it('Fifo returns its members in the order in which they were added', () => {
		const queue = new Fifo<number>();
		for (let n = 1; n <= 5000; n++) queue.push(n);
		expect(drain(queue)).toEqual(Array.from({ length: 5000 }, (_, n) => n + 1));
		expect([queue.peek(), queue.shift()]).toEqual([undefined, undefined]);
	});

	it('Fifo behaves like a sorted list, whatever is added and removed', () => {
		const steps = fc.array(fc.option(fc.integer({ min: 1, max: 50 })), { maxLength: 60 });
		fc.assert(
			fc.property(steps, (changes) => {
				const queue = new Fifo<number>();
				const model: number[] = [];
				for (const change of changes) {
					if (change === null) {
						expect(queue.shift()).toBe(model.shift());
					} else {
						queue.insert(change, (other) => change < other);
						const place = model.findIndex((other) => change < other);
						model.splice(place === -1 ? model.length : place, 0, change);
					}
					expect([queue.peek(), [...queue]]).toEqual([model[0], model]);
				}
			}),
		);
	});
});
