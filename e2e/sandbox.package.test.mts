import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { unpackTarball } from '../scripts/package-install.mts';
import { startChromium } from './fixture/chromium.mts';
import {
	installSandbox,
	type PackedSandbox,
	startPackedSandbox,
} from './fixture/packed-sandbox.mts';
import { type TemporaryFolder, temporaryFolder } from './fixture/temporary-folder.mts';

const PROJECT = join(import.meta.dirname, '..');
const timedOut = { timeout: 120_000 };

interface JobRecord {
	jobid: string;
	status: string;
	attachments?: { url: string; size: number }[];
}

describe('the npm package of the sandbox', () => {
	let folder: TemporaryFolder;
	let unpacked: string;
	let sandbox: PackedSandbox;
	let browser: Browser;

	before(async () => {
		folder = await temporaryFolder('pika-e2e-sandbox');
		const tarball = await installSandbox(folder.path);
		unpacked = join(folder.path, 'unpacked');
		await unpackTarball(tarball, unpacked);
		sandbox = await startPackedSandbox(folder.path, ['--port', '0', '--job-seconds', '0.5']);
		browser = await startChromium();
	});
	after(async () => {
		await browser.close();
		await sandbox.stop();
		await folder.remove();
	});

	const headers = () => ({ authorization: `Bearer ${sandbox.apiToken}` });

	async function completed(message: string): Promise<JobRecord> {
		const form = new FormData();
		form.set('prompt', 'waves at noon');
		form.set('message', message);
		const url = `${sandbox.baseUrl}/v1/pika`;
		const options = { method: 'POST', headers: headers(), body: form };
		const accepted = (await (await fetch(`${url}/encrypt_text`, options)).json()) as JobRecord;
		for (;;) {
			const read = await fetch(`${url}/jobs/?jobid=${accepted.jobid}`, { headers: headers() });
			const job = (await read.json()) as JobRecord;
			if (['completed', 'failed'].includes(job.status)) return job;
		}
	}

	it('The package contains what it needs, nothing else, and no path of the build machine', async () => {
		const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
		const files = entries.filter((entry) => entry.isFile());
		const paths = files.map(({ parentPath, name }) => join(parentPath, name));
		const names = paths.map((path) => path.slice(unpacked.length + 1));
		for (const needed of ['LICENSE', 'README.md', 'compose.yaml', 'dist/cli.cjs']) {
			assert.ok(names.includes(needed), needed);
		}
		const surplus = names.filter(
			(name) => !/^(dist\/|LICENSE|README\.md|compose\.yaml|package\.json)/.test(name),
		);
		assert.deepEqual(surplus, []);
		for (const path of paths) {
			const text = await readFile(path, 'utf8');
			for (const place of [PROJECT, folder.path, homedir()].filter(({ length }) => length > 1)) {
				assert.ok(!text.includes(place), `${path} names ${place}`);
			}
		}
	});

	it('The sandbox renders a different video for each job', timedOut, async () => {
		const videos = await Promise.all(
			['Hello', 'World'].map(async (message) => {
				const job = await completed(message);
				const [attachment] = job.attachments ?? [];
				assert.ok(attachment, JSON.stringify(job));
				const bytes = Buffer.from(await (await fetch(attachment.url)).arrayBuffer());
				assert.equal(bytes.length, attachment.size);
				assert.equal(bytes.toString('latin1', 4, 8), 'ftyp');
				return bytes;
			}),
		);
		assert.ok(videos[0] && videos[1] && !videos[0].equals(videos[1]));
	});

	it('The sandbox shows its page with the video of a job', timedOut, async () => {
		const { jobid } = await completed('Look');
		const page = await browser.newPage();
		const complaints: string[] = [];
		page.on('pageerror', ({ message }) => complaints.push(message));
		page.on('console', (message) => {
			if (message.type() === 'error') complaints.push(message.text());
		});
		assert.match(sandbox.pageUrl, /^http:\/\/127\.0\.0\.1:\d+\/$/);
		await page.goto(sandbox.pageUrl);
		await page
			.getByRole('article', { name: jobid.replace(/^\d+-/, '') })
			.locator('video[src]')
			.waitFor();
		assert.deepEqual(complaints, []);
	});
});
