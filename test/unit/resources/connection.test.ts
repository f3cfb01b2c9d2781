import type { IExecuteFunctions } from 'n8n-workflow';

import { parseCredentials } from '../../../nodes/Pika/api/credentials';
import { credentialsReader } from '../../../nodes/Pika/resources/connection';

const stored = { apiToken: 'token', baseUrl: 'https://api.useapi.net' };

/** A reader that was made at 0 with the credential as it was then, and what it reads. */
function readerOf(read: () => object) {
	const getCredentials = jest.fn(async () => read());
	const node = {
		getNode: () => ({ credentials: { useApiPikaApi: {} } }),
		getCredentials,
	} as unknown as IExecuteFunctions;
	const time = { now: 0 };
	const clock = { now: () => time.now, random: () => 0, pause: async () => undefined };
	const first = parseCredentials({ ...stored, maxJobs: 1 });
	return { readCurrent: credentialsReader(node, first, clock), getCredentials, time };
}

describe('credentialsReader', () => {
	it('credentialsReader does not read a credential again that was just read', async () => {
		const { readCurrent, getCredentials, time } = readerOf(() => ({ ...stored, maxJobs: 2 }));
		time.now = 4_999;
		expect((await readCurrent()).maxJobs).toBe(1);
		expect(getCredentials).not.toHaveBeenCalled();
	});

	it('credentialsReader reads an older credential again, once for all simultaneous calls', async () => {
		const { readCurrent, getCredentials, time } = readerOf(() => ({ ...stored, maxJobs: 2 }));
		time.now = 5_000;
		const all = await Promise.all(Array.from({ length: 10 }, readCurrent));
		expect(all.map(({ maxJobs }) => maxJobs)).toEqual(Array(10).fill(2));
		expect(getCredentials).toHaveBeenCalledTimes(1);
	});

	it('credentialsReader reads again after a failure', async () => {
		let isBroken = true;
		const { readCurrent, time } = readerOf(() => {
			if (isBroken) throw new Error('The database is locked');
			return { ...stored, maxJobs: 2 };
		});
		time.now = 5_000;
		await expect(readCurrent()).rejects.toThrow('The database is locked');
		isBroken = false;
		expect((await readCurrent()).maxJobs).toBe(2);
	});
});
