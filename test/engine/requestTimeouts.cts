import { ClientRequest } from 'node:http';

/** Shortens the time limits of HTTP requests until the test is over, and gives those that were requested. */
export function shortenRequestTimeouts(milliseconds: number): number[] {
	const requested: number[] = [];
	// Called with its request below.
	// eslint-disable-next-line @typescript-eslint/unbound-method
	const { setTimeout } = ClientRequest.prototype;
	const spy = jest
		.spyOn(ClientRequest.prototype, 'setTimeout')
		.mockImplementation(function shortened(this: ClientRequest, limit, onTimeout) {
			requested.push(limit);
			return setTimeout.call(this, milliseconds, onTimeout);
		});
	restore.push(() => {
		spy.mockRestore();
	});
	return requested;
}

const restore: (() => void)[] = [];

afterEach(() => {
	for (const undo of restore.splice(0)) undo();
});
