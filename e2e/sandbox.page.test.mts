import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.cts';
import { startChromium } from './fixture/chromium.mts';

/** The parts of two page elements that are used here; Node has no types of a page. */
interface ImageElement {
	decode(): Promise<void>;
}
interface VideoElement {
	readonly currentTime: number;
	readonly videoWidth: number;
	readonly videoHeight: number;
	play(): Promise<void>;
	addEventListener(event: string, listener: (event: unknown) => void, options: object): void;
}

const ASSETS = join(import.meta.dirname, '..', 'sandbox', 'assets');
const timedOut = { timeout: 60_000 };

describe('the page of the sandbox', () => {
	let sandbox: Sandbox;
	let browser: Browser;
	let page: Page;
	/** The browser's errors, including refused scripts. */
	const complaints: string[] = [];

	before(async () => {
		sandbox = await startSandbox({ jobSeconds: Infinity, videos: 'rendered' });
		browser = await startChromium();
		page = await browser.newPage();
		page.on('pageerror', ({ message }) => complaints.push(message));
		page.on('console', (message) => {
			if (message.type() === 'error') complaints.push(message.text());
		});
		await page.goto(`${sandbox.baseUrl}/`);
	});
	beforeEach(() => {
		sandbox.reset();
		complaints.length = 0;
	});
	after(async () => {
		await browser.close();
		await sandbox.stop();
	});

	async function submit(prompt: string): Promise<string> {
		const form = new FormData();
		form.set('prompt', prompt);
		for (const [field, file] of [
			['message', 'message.png'],
			['image', 'reference.webp'],
		] as const) {
			form.set(field, new Blob([await readFile(join(ASSETS, file))]), file);
		}
		const response = await fetch(`${sandbox.baseUrl}/v1/pika/encrypt_image`, {
			method: 'POST',
			headers: { authorization: `Bearer ${sandbox.apiToken}` },
			body: form,
		});
		const { jobid } = (await response.json()) as { jobid: string };
		return jobid;
	}

	const jobCard = (prompt: string) =>
		page.getByRole('article').filter({ has: page.getByRole('heading', { name: prompt }) });

	it(
		'The page shows a job’s progress and pictures, and finally plays its video',
		timedOut,
		async () => {
			const jobid = await submit('waves at noon');
			const card = jobCard('waves at noon');
			for (const caption of ['Message', 'Reference']) {
				const picture = card.getByRole('img', { name: `${caption} image` });
				await picture.waitFor();
				await picture.evaluate((image: ImageElement) => image.decode());
			}
			await card.getByRole('button', { name: /^Finish job/ }).press('Enter');
			await card.getByText('completed', { exact: true }).waitFor();
			const played = await card.locator('video[src]').evaluate(async (video: VideoElement) => {
				await video.play();
				while (video.currentTime < 0.5) {
					await new Promise((resolve) => {
						video.addEventListener('timeupdate', resolve, { once: true });
					});
				}
				return { width: video.videoWidth, height: video.videoHeight };
			});
			assert.deepEqual(played, { width: 320, height: 192 });
			assert.equal(sandbox.jobs[0]?.jobid, jobid);
			assert.deepEqual(complaints, []);
		},
	);

	it('The page can end jobs with every status', timedOut, async () => {
		for (const [label, status] of [
			['Fail', 'failed'],
			['Moderate', 'moderated'],
			['Cancel', 'cancelled'],
		] as const) {
			await submit(`to ${label}`);
			await jobCard(`to ${label}`)
				.getByRole('button', { name: new RegExp(`^${label} job`) })
				.click();
			await sandbox.waitFor(() => sandbox.jobs.at(-1)?.status === status);
			await jobCard(`to ${label}`).getByText(status, { exact: true }).waitFor();
		}
	});

	it('The page changes settings and faults, and resets the sandbox', timedOut, async () => {
		const seconds = page.getByLabel('Seconds per job');
		await seconds.fill('3');
		// A change must not discard what is being typed.
		await submit('meanwhile');
		await jobCard('meanwhile').waitFor();
		await seconds.press('Enter');
		await sandbox.waitFor(() => sandbox.settings.jobSeconds === 3);
		await page.getByLabel('Videos').selectOption('canned');
		await sandbox.waitFor(() => sandbox.settings.videos === 'canned');
		await page.getByLabel('What happens').selectOption('Respond with 503 in HTML');
		await page.getByRole('button', { name: 'Add fault' }).click();
		await page.getByText('1 pending fault:').waitFor();
		await page.getByRole('button', { name: 'Clear faults' }).click();
		await page.getByText('No pending faults.').waitFor();
		await submit('forgotten');
		await jobCard('forgotten').waitFor();
		await page.getByRole('button', { name: 'Reset the sandbox' }).click();
		await page.getByText('No jobs yet').waitFor();
		assert.equal(sandbox.settings.jobSeconds, Infinity);
	});

	it('The page shows what clients send as text', timedOut, async () => {
		const prompt = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
		await submit(prompt);
		await jobCard(prompt).waitFor();
		assert.equal(await page.title(), 'Sandbox for the Pika API');
		assert.deepEqual(complaints, []);
	});

	it(
		'The page shows a newcomer the credential, example pictures and magic words',
		timedOut,
		async () => {
			await page.reload();
			const guide = page.getByRole('region', { name: 'Get started' });
			const { apiToken, baseUrl } = sandbox;
			for (const text of [apiToken, baseUrl, '[moderate]', '[no-callback]']) {
				await guide.getByText(text, { exact: true }).waitFor();
			}
			const picture = guide.getByRole('img', { name: 'Example picture message.png' });
			await picture.evaluate((image: ImageElement) => image.decode());
			const command = (await guide.locator('pre').textContent()) ?? '';
			assert.match(
				command,
				/^curl .*-F "message=Hello" "http:\/\/127\.0\.0\.1:\d+\/v1\/pika\/encrypt_text"$/,
			);
			assert.deepEqual(complaints, []);
		},
	);
});

describe('the page of a sandbox that other machines can access', () => {
	const TOKEN = 'user:1000-of-the-page-test';
	let sandbox: Sandbox;
	let browser: Browser;
	let address: string;

	before(async () => {
		// Does not count as loopback, although no other machine can connect to it.
		sandbox = await startSandbox({ host: '::ffff:127.0.0.1', apiToken: TOKEN });
		address = `http://127.0.0.1:${new URL(sandbox.baseUrl).port}/`;
		browser = await startChromium();
	});
	after(async () => {
		await browser.close();
		await sandbox.stop();
	});

	/** A browser without cookies or storage. */
	async function newPage(): Promise<Page> {
		return await (await browser.newContext()).newPage();
	}

	it(
		'The printed URL opens the page, which then removes the token from the address bar',
		timedOut,
		async () => {
			const page = await newPage();
			await page.goto(`${address}#token=${encodeURIComponent(TOKEN)}`);
			await page.getByText('No jobs yet').waitFor();
			assert.equal(page.url(), address);
			await page.reload();
			await page.getByText('No jobs yet').waitFor();
		},
	);

	it('The page requires the token and accepts no other', timedOut, async () => {
		const page = await newPage();
		await page.goto(address);
		const field = page.getByLabel('API token');
		await field.fill('user:1-wrong');
		await field.press('Enter');
		await page.getByText('That is not the token of this sandbox.').waitFor();
		assert.equal(await page.getByText('No jobs yet').count(), 0);
		await field.fill(TOKEN);
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.getByText('No jobs yet').waitFor();
	});

	it('The page of another server cannot change anything, signed in or not', timedOut, async () => {
		const page = await newPage();
		await page.goto(`${address}#token=${encodeURIComponent(TOKEN)}`);
		await page.getByText('No jobs yet').waitFor();
		// The same machine under another name is another server to a browser.
		const other = await page.context().newPage();
		await other.goto(`${address.replace('127.0.0.1', 'localhost')}sandbox/pictures/message.png`);
		sandbox.changeSettings({ jobSeconds: 77 });
		const read = await other.evaluate(async (url: string) => {
			const options = { method: 'POST', mode: 'no-cors', credentials: 'include' } as const;
			await fetch(`${url}sandbox/reset`, options);
			return await fetch(`${url}sandbox/guide`, { credentials: 'include' }).then(
				async (response) => await response.text(),
				() => 'not read',
			);
		}, address);
		assert.equal(read, 'not read');
		assert.equal(sandbox.settings.jobSeconds, 77);
	});
});
