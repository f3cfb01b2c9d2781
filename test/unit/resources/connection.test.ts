import type { IExecuteFunctions } from 'n8n-workflow';

import { parseCredentials } from '../../../nodes/Pika/api/credentials';
import { credentialsReader } from '../../../nodes/Pika/resources/connection';
import { ControlledClock } from '../jobs/controlledClock';

const stored = { apiToken: 'token', baseUrl: 'https://api.useapi.net' };

/** A reader with a credential that was just read, and what it reads from now on. */
function readerOf(read: () => object) {
	const getCredentials = jest.fn(async () => read());
	const node = {
		getNode: () => ({ credentials: { useApiPikaApi: {} } }),
		getCredentials,
	} as unknown as IExecuteFunctions;
	const clock = new ControlledClock();
	const pass = async (milliseconds: number) => await clock.run(clock.pause(milliseconds));
	const first = parseCredentials({ ...stored, maxJobs: 1 });
	return { readCurrent: credentialsReader(node, first, clock), getCredentials, pass };
}

describe('credentialsReader', () => {
	it('credentialsReader does not read a credential again that was just read', async () => {
		const { readCurrent, getCredentials, pass } = readerOf(() => ({ ...stored, maxJobs: 2 }));
		await pass(4_999);
		expect((await readCurrent()).maxJobs).toBe(1);
		expect(getCredentials).not.toHaveBeenCalled();
	});

	it('credentialsReader reads an older credential again, once for all simultaneous calls', async () => {
		const { readCurrent, getCredentials, pass } = readerOf(() => ({ ...stored, maxJobs: 2 }));
		await pass(5_000);
		const all = await Promise.all(Array.from({ length: 10 }, readCurrent));
		expect(all.map(({ maxJobs }) => maxJobs)).toEqual(Array(10).fill(2));
		expect(getCredentials).toHaveBeenCalledTimes(1);
	});

	it('credentialsReader reads again after a failure', async () => {
		let isBroken = true;
		const { readCurrent, pass } = readerOf(() => {
			if (isBroken) throw new Error('The database is locked');
			return { ...stored, maxJobs: 2 };
		});
		await pass(5_000);
		await expect(readCurrent()).rejects.toThrow('The database is locked');
		isBroken = false;
		expect((await readCurrent()).maxJobs).toBe(2);
	});
});
