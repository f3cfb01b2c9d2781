import assert from 'node:assert/strict';
import { realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { N8nLayout } from '../scripts/n8n-install.mts';
import { provideInstallation } from './fixture/installation.mts';
import { itWorks, PICTURES_ENV, tellWhetherFormDataIsSeen } from './fixture/layout.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';

// All other tests use the flat tree with the package where n8n installs it.
const PLACES: [name: string, layout: N8nLayout, isCustomExtension: boolean][] = [
	["in n8n's own folder of packages, n8n as in its Docker image", 'isolated', false],
	['in a folder that N8N_CUSTOM_EXTENSIONS names, n8n as in its Docker image', 'isolated', true],
	['in a folder that N8N_CUSTOM_EXTENSIONS names, n8n as npm installs it', 'flat', true],
];

for (const [name, layout, isCustomExtension] of PLACES) {
	describe(`the package ${name}`, () => {
		let n8n: RealN8n;

		before(async () => {
			n8n = await startRealN8n({
				installation: { layout },
				isCustomExtension,
				alterPackage: tellWhetherFormDataIsSeen,
				env: PICTURES_ENV,
				sandbox: { jobSeconds: Infinity },
			});
		});
		after(async () => {
			await n8n.stop();
		});

		itWorks(() => n8n);

		const isSeen = layout === 'flat';
		it(`The package ${isSeen ? 'can' : 'cannot'} load form-data directly in this layout`, async () => {
			const lines = (await n8n.log()).split('\n').filter((line) => line.startsWith('form-data is'));
			const expected = isSeen ? 'form-data is seen' : 'form-data is not seen: MODULE_NOT_FOUND';
			assert.deepEqual([...new Set(lines)], [expected]);
		});
	});
}

describe('an n8n installed as in its Docker image', () => {
	it('Only the packages that depend on form-data can load it in n8n’s Docker image', async () => {
		const { program } = await provideInstallation({ layout: 'isolated' });
		const root = await realpath(dirname(dirname(program)));
		const own = createRequire(join(root, 'dist', 'index.js'));
		assert.throws(() => own.resolve('form-data'), { code: 'MODULE_NOT_FOUND' });
		const workflow = createRequire(own.resolve('n8n-workflow'));
		assert.ok(workflow.resolve('form-data').startsWith(root));
	});
});
