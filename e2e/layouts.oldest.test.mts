import { after, before, describe } from 'node:test';
import { OLDEST_N8N_VERSION } from '../scripts/n8n-install.mts';
import { itWorks, PICTURES_ENV } from './fixture/layout.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';

describe(`the oldest supported n8n, ${OLDEST_N8N_VERSION}`, () => {
	let n8n: RealN8n;

	before(async () => {
		n8n = await startRealN8n({
			installation: { version: OLDEST_N8N_VERSION },
			env: PICTURES_ENV,
			sandbox: { jobSeconds: Infinity },
		});
	});
	after(async () => {
		await n8n.stop();
	});

	itWorks(() => n8n);
});
