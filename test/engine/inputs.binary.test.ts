import type { IBinaryData } from 'n8n-workflow';

import type { Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { clock } from '../../nodes/Pika/jobs/clock';
import { useFastClock } from './fastClock.cts';
import { useBinaryMode } from './harness/binary-store.cts';
import { changeStored, decodedByN8n, deleteStored, stored } from './harness/handMade.cts';
import { runWorkflow } from './harness/run.cts';
import { handMadeWorkflow, requestsOf } from './inputs/workflow.cts';
import { type ImageType, picture, sha256 } from './pictures.cts';

const PNG = picture('image/png', 1000);
const BASE64 = PNG.toString('base64');
const IMAGE = 'not a PNG, JPEG, WebP or GIF image';
const STORAGE = "n8n's storage";

let sandbox: Sandbox;

function posts() {
	return sandbox.requests.filter(({ method }) => method === 'POST');
}
useFastClock();

useFreshSandbox({ jobSeconds: 600 }, (started) => {
	sandbox = started;
});

/** Runs three items of which the second has the binary; the others have a good one. */
async function runSecond(data: unknown, parameters = {}) {
	const good = { data: { data: BASE64, mimeType: 'image/png' } };
	const items = [{ binary: good }, { binary: { data } }, { binary: good }];
	return await runWorkflow(handMadeWorkflow(items, { sandbox, parameters }));
}

async function expectRefused(data: unknown, message: string, parameters = {}) {
	const { error } = await runSecond(data, parameters);
	expect(error).toMatchObject({ message, context: { itemIndex: 1 } });
	expect(error?.description).toMatch(/\w.*\.$/);
	expect(requestsOf(sandbox)).toEqual([]);
}

function sentFiles() {
	return posts().map(({ files }) => files.message);
}

const LINES = BASE64.replace(/.{76}/g, '$&\r\n');
const PERCENT = [...PNG].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

describe('handmade binaries', () => {
	it.each<[string, unknown]>([
		['base64', BASE64],
		['base64 without padding', BASE64.replace(/=+$/, '')],
		['base64 in lines', LINES],
		['base64 with blanks, tabs and line breaks around it', ` \t\n${BASE64}\r\n \n`],
		['base64 of URLs', PNG.toString('base64url')],
		['a Buffer', PNG],
		['a Buffer as JSON', JSON.parse(JSON.stringify(PNG))],
		['an array of bytes', new Uint8Array(PNG)],
		['a list of bytes', [...PNG]],
	])(
		'Handmade binary data that is %s is uploaded as n8n decodes it, with its length',
		async (_what, data) => {
			const binary = { data, mimeType: 'image/png', fileName: 'a.png' };
			expect(await decodedByN8n(binary)).toEqual(PNG);
			const { error } = await runSecond(binary);
			expect(error).toBeUndefined();
			const file = { size: PNG.length, type: 'image/png', sha256: sha256(PNG) };
			expect(sentFiles()).toEqual(Array(3).fill(expect.objectContaining(file)));
			const lengths = posts().map(({ contentLength }) => contentLength);
			expect(lengths).toEqual(Array(3).fill(expect.any(Number)));
		},
	);
});

describe('data: URIs', () => {
	it.each<[string, string]>([
		['with base64', `data:image/png;base64,${BASE64}`],
		['with base64 in lines', `data:image/png;base64,\n${LINES}`],
		['with parameters', `data:image/png;name=a.png;charset=utf-8;base64,${BASE64}`],
		['without a type', `data:;base64,${BASE64}`],
		['in capital letters and with blanks', `  DATA:image/png; BASE64,${BASE64}`],
		['with base64 that is encoded for URLs', `data:;base64,${encodeURIComponent(BASE64)}`],
		['without base64', `data:image/png,${PERCENT}`],
	])('A data: URI %s is uploaded as the bytes that it contains', async (_what, data) => {
		const { error } = await runSecond({ data, mimeType: 'image/png' });
		expect(error).toBeUndefined();
		expect(sentFiles()[1]).toMatchObject({ size: PNG.length, sha256: sha256(PNG) });
	});
});

describe('file names', () => {
	it.each<[string, object, string]>([
		['a number', { fileName: 42 }, '42'],
		['a name with trailing spaces', { fileName: 'a.png \n' }, 'a.png'],
		['a name in a folder', { fileName: '/tmp/pictures/a.png' }, 'a.png'],
		['a name in a folder of Windows', { fileName: 'C:\\pictures\\a.png' }, 'a.png'],
		['a name with line breaks and quotes', { fileName: 'a\r\nb".png' }, 'a__b_.png'],
		['a name of dots', { fileName: '..' }, 'message.png'],
		['a name of blanks', { fileName: '  ' }, 'message.png'],
		['a folder', { fileName: 'pictures/' }, 'message.png'],
		['a very long name', { fileName: `${'x'.repeat(5000)}.png` }, `${'x'.repeat(196)}.png`],
		['nothing', {}, 'message.png'],
		['null', { fileName: null }, 'message.png'],
		['an object', { fileName: { name: 'a.png' } }, 'message.png'],
	])('A file gets a valid name from %s', async (_what, names, filename) => {
		const { error } = await runSecond({ data: BASE64, mimeType: 'image/png', ...names });
		expect(error).toBeUndefined();
		expect(sentFiles()[1]).toMatchObject({ filename, sha256: sha256(PNG) });
	});
});

describe('content types', () => {
	it.each<[string, unknown, ImageType]>([
		['that it is', 'image/png', 'image/png'],
		['nothing', undefined, 'image/png'],
		['null', null, 'image/gif'],
		['an empty text', '', 'image/webp'],
		['a number', 5, 'image/jpeg'],
		['an alias', 'image/jpg', 'image/jpeg'],
		['an old name', 'image/x-png', 'image/png'],
		['another image', 'image/png', 'image/webp'],
		['a type with parameters', 'image/gif; charset=binary', 'image/gif'],
		['an image of any type', 'image/*', 'image/jpeg'],
		['text', 'text/plain', 'image/png'],
		['HTML', 'text/html; charset=utf-8', 'image/png'],
		['HEIC', 'image/heic', 'image/jpeg'],
		['bytes', 'application/octet-stream', 'image/gif'],
	])(
		'The content type comes from the first bytes if the binary says %s',
		async (_what, mimeType, type) => {
			const content = picture(type, 50);
			const { error } = await runSecond({ data: content.toString('base64'), mimeType });
			expect(error).toBeUndefined();
			expect(sentFiles()[1]).toMatchObject({ type, sha256: sha256(content) });
		},
	);
});

describe('binaries that are not images', () => {
	const box = (brands: string) => `\0\0\0\x1cftyp${brands.slice(0, 4)}\0\0\0\0${brands}`;

	it.each<[string, string, string]>([
		['HEIC', box('heicmif1heic'), 'an HEIC image'],
		['HEIC with a general brand', box('mif1mif1heic'), 'an HEIC image'],
		['AVIF', box('avifmif1miaf'), 'an AVIF image'],
		['AVIF with a general brand', box('mif1avifmiaf'), 'an AVIF image'],
		['SVG', '<svg xmlns="http://www.w3.org/2000/svg"></svg>', 'an SVG image'],
		['SVG with a declaration', '\n<?xml version="1.0"?>\n<!-- x --><svg/>', 'an SVG image'],
		['BMP', 'BM\x3a\0\0\0\0\0\0\0\x36\0\0\0', 'a BMP image'],
		['TIFF of Intel', 'II*\0\x08\0\0\0', 'a TIFF image'],
		['TIFF of Motorola', 'MM\0*\0\0\0\x08', 'a TIFF image'],
		['an icon', '\0\0\x01\0\x01\0', 'an icon (ICO)'],
		['Photoshop', '8BPS\0\x01', 'a Photoshop file (PSD)'],
		['JPEG XL', '\xff\x0a\0\0', 'a JPEG XL image'],
		['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n', 'a JPEG 2000 image'],
	])(
		'The node refuses %s before any request, names field and item, and says what to do',
		async (_what, start, name) => {
			const data = Buffer.from(start.padEnd(600, '\0'), 'latin1').toString('base64');
			const binary = { data, mimeType: 'image/png', fileName: 'a.png' };
			const message = `Message Image: the file "a.png" (image/png) is ${name}, ${IMAGE}`;
			await expectRefused(binary, message);
			const { error } = await runSecond(binary);
			expect(error?.description).toContain('Edit Image');
		},
	);

	it.each<[string, string, string]>([
		['a web page', '<!DOCTYPE html><html><svg>', 'an HTML page'],
		['a web page without a declaration', '\n<HTML lang=en>', 'an HTML page'],
		['text', 'hello, this is text', 'text'],
		['text of other scripts', Buffer.from('грüße 秘密').toString('latin1'), 'text'],
		['JSON', '{"error":"no"}', 'JSON'],
		['base64 inside base64', BASE64, 'the base64 text of an image'],
		['a PDF', '%PDF-1.7\n', 'a PDF'],
		['a video', box('isomiso2mp41'), 'a video'],
		['a ZIP archive', 'PK\x03\x04\x14', 'a ZIP archive'],
	])(
		'The node refuses %s before any request, and names field, item and content',
		async (_what, content, name) => {
			const data = Buffer.from(content, 'latin1').toString('base64');
			const message = `Message Image: the file (image/png) is ${name}, ${IMAGE}`;
			await expectRefused({ data, mimeType: 'image/png' }, message);
		},
	);

	it.each<[string, string]>([
		['two bytes of a JPEG', '\xff\xd8'],
		['seven bytes of a PNG', '\x89PNG\r\n\x1a'],
		['a PNG that was damaged as text', '\x89PNG\n\x1a\n\0\0'],
		['eleven bytes of a WebP', 'RIFF\0\0\0\0WEB'],
		['a sound', 'RIFF\0\0\0\0WAVE'],
		['zeros', '\0'.repeat(100)],
	])('The node refuses %s before any request', async (_what, content) => {
		const data = Buffer.from(content, 'latin1').toString('base64');
		await expectRefused({ data }, `Message Image: the file is ${IMAGE}`);
	});

	it.each(['filesystem-v2', 'filesystem', 's3', 'azure', 'database', ' database\n'])(
		'The node refuses the name of n8n’s storage, %j, without an ID',
		async (data) => {
			const message = `Message Image: the file (image/png) has no content, only the name of a storage, "${data.trim()}"`;
			await expectRefused({ data, mimeType: 'image/png' }, message);
		},
	);

	it.each<[string, object, string]>([
		['no data', {}, 'has no data'],
		['null as data', { data: null }, 'has no data'],
		['an empty id and no data', { id: '' }, 'has no data'],
		['empty data', { data: '' }, 'is empty'],
		['blanks as data', { data: ' \n ' }, 'is empty'],
		['an empty data: URI', { data: 'data:image/png;base64,' }, 'is empty'],
		['an empty Buffer', { data: Buffer.alloc(0) }, 'is empty'],
		['an empty list', { data: [] }, 'is empty'],
	])('The node refuses a binary with %s before any request', async (_what, binary, fault) => {
		const named = { mimeType: 'image/png', fileName: 'a.png', ...binary };
		await expectRefused(named, `Message Image: the file "a.png" (image/png) ${fault}`);
	});

	it.each<[string, unknown, string]>([
		['a number', 5, 'the number 5'],
		['true', true, 'the boolean true'],
		['an object', { a: 1 }, 'an object'],
		['a list of texts', ['a'], 'a list'],
		['a list of large numbers', [256], 'a list'],
	])('The node refuses %s as binary data before any request', async (_what, data, kind) => {
		const message = `Message Image: the data of the file "a.png" (image/png) is ${kind}, neither base64 nor a Buffer`;
		await expectRefused({ mimeType: 'image/png', fileName: 'a.png', data }, message);
	});

	it.each<[string, unknown, string]>([
		['text', BASE64, 'text'],
		['a number', 5, 'the number 5'],
		['true', true, 'the boolean true'],
		['a list', [BASE64], 'a list'],
		['null', null, 'nothing'],
	])('The node refuses a binary field that is %s before any request', async (_what, data, kind) => {
		await expectRefused(data, `Message Image: the binary field "data" is ${kind}, not a file`);
	});

	it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
		'The node refuses the name %s of a binary field that does not exist',
		async (message) => {
			const words = `Message Image: the item has no binary field "${message}"`;
			const { error } = await runSecond({ data: BASE64 }, { message });
			expect(error).toMatchObject({ message: words, context: { itemIndex: 0 } });
			expect(requestsOf(sandbox)).toEqual([]);
		},
	);

	it.each<[string, string, string | undefined]>([
		['a file without a type', '{ data: $("Source").item.binary.data.data }', undefined],
		['a Buffer as JSON', '{ type: "Buffer", data: [137,80,78,71,13,10,26,10,0] }', undefined],
		['an object', '{ a: 1 }', 'an object'],
		['an item of a database', '{ id: 5, name: "x" }', 'an object'],
		['a list', '[$binary.data]', 'a list'],
		['true', 'true', 'the boolean true'],
		['a number', '5', 'the number 5'],
	])(
		'An expression may return a file, which may lack its type, and nothing else: %s',
		async (_what, expression, kind) => {
			const { error } = await runSecond({ data: BASE64 }, { message: `={{ (${expression}) }}` });
			expect(error?.message).toBe(kind && 'Message Image: the expression does not return a file');
			if (kind) expect(error?.description).toContain(`It returns ${kind}.`);
			expect(posts()).toHaveLength(kind ? 0 : 3);
		},
	);

	it('The node says how to fetch the file if it gets a link', async () => {
		const message = ' https://example.com/picture.png';
		const { error } = await runSecond({ data: BASE64 }, { message });
		expect(error?.message).toBe('Message Image: the value is a link, not a file');
		expect(error?.description).toContain('Fetch the file with an HTTP Request node');
		expect(requestsOf(sandbox)).toEqual([]);
	});

	it.each([
		['data', 'This item has one binary field: enter its name, "data".'],
		['data, more', 'This item has these binary fields: data, more. Enter one of these names'],
	])('The node lists the names of the fields that an item has: %s', async (names, words) => {
		const binary = Object.fromEntries(names.split(', ').map((name) => [name, { data: BASE64 }]));
		const parameters = { message: 'picture' };
		const { error } = await runWorkflow(handMadeWorkflow([{ binary }], { sandbox, parameters }));
		expect(error?.description).toContain(words);
	});

	it('The node refuses a file that is not an image in the other image fields too', async () => {
		const data = { data: Buffer.from('BM\0\0\0\0\0\0\0\0').toString('base64') };
		const parameters = { image: 'data', message: "={{ $('Source').first().binary.data }}" };
		await expectRefused(data, `Reference Image: the file is a BMP image, ${IMAGE}`, parameters);
	});
});

describe('files in n8n’s storage', () => {
	useBinaryMode('filesystem');
	const big = picture('image/png', 300_000);
	let file: IBinaryData;

	/** The sandbox notices an aborted upload late, and it must not trigger the faults of the next test. */
	afterEach(async () => {
		await sandbox.waitFor(() => sandbox.requests.every(({ endedAt }) => endedAt));
	});

	/** Two items; `change` modifies the stored file of the second. */
	async function run(change: () => Promise<void> | void) {
		const workflow = handMadeWorkflow(
			async (context) => {
				file = await stored(context, big);
				const other = await stored(context, PNG);
				await change();
				return [{ binary: { data: other } }, { binary: { data: file } }];
			},
			{ sandbox, parameters: { prompt: '=item {{ $itemIndex }}' } },
		);
		return await runWorkflow(workflow);
	}

	it('A stored file is accepted without a type and with a number as its name', async () => {
		const { error } = await run(() => {
			file = { id: file.id, fileName: 7 } as never;
		});
		expect(error).toBeUndefined();
		const sent = { type: 'image/png', filename: '7', size: big.length, sha256: sha256(big) };
		expect(sentFiles()).toContainEqual(sent);
	});

	it.each<[string, () => Promise<void> | void, string]>([
		['is gone', async () => await deleteStored(file), `is no longer in ${STORAGE}`],
		[
			'is kept by a storage that this n8n does not have',
			() => {
				file.id = file.id?.replace(/^[^:]+/, 's3');
			},
			`cannot be read from ${STORAGE}`,
		],
		[
			'has an id without a place',
			() => {
				file.id = 'filesystem-v2';
			},
			`is no longer in ${STORAGE}`,
		],
		[
			'has an id that leads out of the storage',
			() => {
				file.id = 'filesystem-v2:../../../etc/passwd';
			},
			`cannot be read from ${STORAGE}`,
		],
		[
			'has a number as its id',
			() => {
				file.id = 5 as never;
			},
			`cannot be read from ${STORAGE}`,
		],
		[
			'was cut to its first bytes',
			async () => await changeStored(file, (content) => content.subarray(0, 20)),
			`does not have the length that ${STORAGE} says`,
		],
	])('A stored file is refused before any request if it %s', async (_what, change, fault) => {
		const { error } = await run(change);
		expect(error).toMatchObject({
			message: `Message Image: the file "stored.png" (image/png) ${fault}`,
			context: { itemIndex: 1 },
		});
		expect(error?.description).toMatch(/run the node that makes the file again/i);
		expect(requestsOf(sandbox)).toEqual([]);
	});

	it.each<[string, (content: Buffer) => Buffer]>([
		['shorter', (content) => content.subarray(0, 150_000)],
		['longer', (content) => Buffer.concat([content, content])],
	])(
		'The upload of a stored file that is %s than n8n says is aborted at once',
		async (_what, change) => {
			const { error } = await run(async () => await changeStored(file, change));
			const fault = `Message Image: the file "stored.png" does not have the length that ${STORAGE} says`;
			expect(error?.message).toContain(fault);
			expect(error?.message).toContain('Nothing was submitted');
			expect(error).toMatchObject({ context: { itemIndex: 1 } });
			expect(sandbox.jobs).toHaveLength(1);
			expect(sentFiles()).toContainEqual(expect.objectContaining({ sha256: sha256(PNG) }));
		},
	);

	it('The error names a stored file that disappears between check and upload, and nothing is submitted', async () => {
		const busy = { error: 'Maximum of 1 jobs', executingJobs: ['1'], code: 429 };
		sandbox.addFault({
			on: { method: 'POST', match: { prompt: 'item 1' }, times: 2 },
			do: { answer: { status: 429, body: busy } },
		});
		const { pause } = clock;
		jest.spyOn(clock, 'pause').mockImplementation(async (...given) => {
			const isBusy = posts().some(
				({ fields, status }) => fields.prompt === 'item 1' && status === 429,
			);
			if (isBusy) await deleteStored(file).catch(() => undefined);
			await pause(...given);
		});
		const { error } = await run(() => undefined);
		const fault = `Message Image: the file "stored.png" is no longer in ${STORAGE}`;
		expect(error?.message).toContain(fault);
		expect(error?.message).toContain('Nothing was submitted');
		expect(error).toMatchObject({ context: { itemIndex: 1 } });
		expect(sandbox.jobs).toHaveLength(1);
	});
});
