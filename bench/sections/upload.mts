import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Measurement, withRatioAtMost, withValueAtMost } from '../report/measurement.cts';
import { byPlace } from '../report/places.cts';
import { inTurns } from '../report/statistics.cts';
import { type BareUpload, BareUploader, uploadInside } from '../measure/bare-uploader.mts';
import { type Bench, MEGABYTE, repeat, Values } from '../measure/bench.mts';
import { millisecondsByPlace } from '../report/cpu-profile.cts';
import { MemorySampler } from '../measure/memory-sampler.mts';
import { type MeasuredN8n, startMeasuredN8n } from '../measure/n8n.mts';
import { UploadRuns } from '../measure/upload-run.mts';
import { fieldsOf, type Uploader } from './upload-workflow.mts';

interface Images {
	name: string;
	size: number;
	count: number;
}

const AT_ONCE = 10;
const UPLOADERS: readonly Uploader[] = ['pika', 'http'];
const NAMES = {
	pika: 'Pika',
	http: 'HTTP Request',
	bare: 'bare stream',
	inside: 'bare stream in n8n',
};
type Contender = keyof typeof NAMES;

/** The growth of memory that still counts as flat. */
const FLAT_MEGABYTES = 16;
const LARGE = 100 * MEGABYTE;
/** Uploads that are over in milliseconds, of which n8n notes whole ones, are measured more often. */
const TURNS = [
	{ below: 50 * MEGABYTE, turns: 12 },
	{ below: 200 * MEGABYTE, turns: 5 },
	{ below: Infinity, turns: 2 },
];

const one = (megabytes: number): Images => ({
	name: `one image of ${megabytes} MB`,
	size: megabytes * MEGABYTE,
	count: 1,
});
const BATCH: Images = { name: '100 images of 5 MB, 10 at once', size: 5 * MEGABYTE, count: 100 };

const keyOf = (what: 'time' | 'memory', { name }: Images, contender: Contender) =>
	`${what} ${name} ${contender}`;

const turnsFor = ({ size, count }: Images) =>
	TURNS.find(({ below }) => size * count < below)?.turns ?? 1;

const imageFolderIn = (userFolder: string) => join(userFolder, 'images');

async function startFor(bench: Bench, userFolder: string, store: string): Promise<MeasuredN8n> {
	const env = {
		N8N_DEFAULT_BINARY_DATA_MODE: store,
		N8N_BINARY_DATA_STORAGE_PATH: imageFolderIn(userFolder),
		N8N_PAYLOAD_SIZE_MAX: '512',
		NODE_OPTIONS: '--max-old-space-size=4096',
	};
	return await startMeasuredN8n({ ...bench, userFolder, env });
}

/** The images as the sandbox gives them to n8n, in a file beside n8n's own. */
async function storeFile({ sandbox }: Bench, folder: string, { size }: Images): Promise<string> {
	const file = join(folder, `${size}.png`);
	const url = `${sandbox.baseUrl}/sandbox/pictures/generated.png?payload=${size - 8}`;
	const { body } = await fetch(url);
	if (!body) throw new Error('The sandbox gave no picture.');
	await pipeline(Readable.fromWeb(body), createWriteStream(file));
	return file;
}

/** The same upload for a bare stream, with its image in a file. */
async function bareUploadOf(bench: Bench, folder: string, images: Images): Promise<BareUpload> {
	const { baseUrl, apiToken: token } = bench.sandbox;
	const url = `${baseUrl}/v1/pika/encrypt_image`;
	const file = await storeFile(bench, folder, images);
	const atOnce = Math.min(AT_ONCE, images.count);
	return { url, token, fields: fieldsOf(atOnce), file, ...images, atOnce };
}

/** Each uploader in an n8n that nothing else has used, the images from small to large, so that no memory is used again. */
async function measureMemory(
	bench: Bench,
	{ userFolder, repetition, all, values }: Round,
): Promise<void> {
	for (const uploader of inTurns(UPLOADERS, repetition)) {
		const n8n = await startFor(bench, userFolder, 'filesystem');
		const runs = await UploadRuns.in(bench, n8n, imageFolderIn(userFolder));
		try {
			await runs.upload({ uploader, ...one(0.1), atOnce: AT_ONCE });
			for (const images of all) {
				bench.report(`memory: ${images.name} by ${NAMES[uploader]}`);
				const { growthBytes } = await runs.upload({ uploader, ...images, atOnce: AT_ONCE });
				values.add(keyOf('memory', images, uploader), growthBytes / MEGABYTE);
			}
		} finally {
			runs.stop();
			await n8n.stop();
		}
	}
}

interface Round {
	userFolder: string;
	repetition: number;
	all: readonly Images[];
	values: Values;
}

/** All contenders in one n8n, in turns. */
async function measureTime(
	bench: Bench,
	{ userFolder, repetition, all, values }: Round,
): Promise<void> {
	const n8n = await startFor(bench, userFolder, 'filesystem');
	const runs = await UploadRuns.in(bench, n8n, imageFolderIn(userFolder));
	const { node } = bench.installation;
	const bare = await BareUploader.start(node);
	const bareMemory = await MemorySampler.start(node, bare.processId);
	const uploadBare = async (images: Images, wanted: BareUpload, ofTurns: Values) => {
		await bareMemory.begin();
		const { milliseconds } = await bare.upload(wanted);
		const samples = (await bareMemory.end()).map(({ bytes }) => bytes);
		const growth = Math.max(...samples) - (samples[0] ?? 0);
		ofTurns.add(keyOf('memory', images, 'bare'), growth / MEGABYTE);
		return milliseconds;
	};
	try {
		for (const uploader of UPLOADERS) {
			await repeat(2, async () => {
				await runs.upload({ uploader, ...one(1), atOnce: AT_ONCE });
			});
		}
		for (const images of all) {
			const wanted = await bareUploadOf(bench, userFolder, images);
			const { atOnce } = wanted;
			const ofTurns = new Values();
			const contenders: Record<Contender, () => Promise<number>> = {
				pika: async () => (await runs.upload({ uploader: 'pika', ...images, atOnce })).milliseconds,
				http: async () => (await runs.upload({ uploader: 'http', ...images, atOnce })).milliseconds,
				bare: async () => await uploadBare(images, wanted, ofTurns),
				inside: async () => await uploadInside(n8n.inspector, wanted),
			};
			const names = Object.keys(contenders) as Contender[];
			await repeat(bench.isQuick ? 1 : turnsFor(images), async (turn) => {
				for (const name of inTurns(names, repetition + turn)) {
					bench.report(`time: ${images.name} by ${NAMES[name]}`);
					await bench.sandbox.reset();
					await n8n.inspector.heapAfterGarbageCollection();
					ofTurns.add(keyOf('time', images, name), await contenders[name]());
				}
			});
			values.addMediansOf(ofTurns);
		}
	} finally {
		bareMemory.stop();
		bare.stop();
		runs.stop();
		await n8n.stop();
	}
}

async function measureStore(
	bench: Bench,
	{ store, all, repetitions }: { store: string; all: readonly Images[]; repetitions: number },
): Promise<Measurement[]> {
	const values = new Values();
	const userFolder = await bench.newUserFolder();
	const n8n = await startFor(bench, userFolder, store);
	const runs = await UploadRuns.in(bench, n8n, imageFolderIn(userFolder));
	try {
		for (const uploader of UPLOADERS) await runs.upload({ uploader, ...one(0.1), atOnce: 1 });
		await repeat(repetitions, async (repetition) => {
			for (const images of all) {
				for (const uploader of inTurns(UPLOADERS, repetition)) {
					bench.report(`store "${store}": ${images.name} by ${NAMES[uploader]}`);
					const measured = await runs.upload({ uploader, ...images, atOnce: AT_ONCE });
					values.add(keyOf('time', images, uploader), measured.milliseconds);
					values.add(keyOf('memory', images, uploader), measured.growthBytes / MEGABYTE);
				}
			}
		});
	} finally {
		runs.stop();
		await n8n.stop();
	}
	return all.flatMap((images) => [
		compared(values, images, 'time', 'http', `, store "${store}"`),
		compared(values, images, 'memory', 'http', `, store "${store}"`),
	]);
}

function compared(
	values: Values,
	images: Images,
	what: 'time' | 'memory',
	other: Contender,
	where = '',
): Measurement {
	const title = what === 'time' ? 'Upload time' : 'Upload memory over the start';
	return {
		section: 'upload',
		what: `${title}, ${images.name}${where}`,
		unit: what === 'time' ? 'ms' : 'MB',
		ours: { name: NAMES.pika, values: values.of(keyOf(what, images, 'pika')) },
		theirs: { name: NAMES[other], values: values.of(keyOf(what, images, other)) },
	};
}

/** Where the processor's time goes: the node and the bare stream in n8n's process, against the bare stream in its own. */
async function profileAll(
	bench: Bench,
	userFolder: string,
	images: Images,
): Promise<Measurement[]> {
	const n8n = await startFor(bench, userFolder, 'filesystem');
	const runs = await UploadRuns.in(bench, n8n, imageFolderIn(userFolder));
	const bare = await BareUploader.start(bench.installation.node);
	try {
		await runs.upload({ uploader: 'pika', ...one(1), atOnce: 1 });
		const wanted = await bareUploadOf(bench, userFolder, images);
		const { atOnce } = wanted;
		const profiles = {
			pika: async () => await runs.profile({ uploader: 'pika', ...images, atOnce }),
			inside: async () =>
				await n8n.inspector.profile(async () => await uploadInside(n8n.inspector, wanted)),
			bare: async () => await bare.inspector.profile(async () => await bare.upload(wanted)),
		};
		const profiled = async (contender: keyof typeof profiles) => {
			bench.report(`profile: ${images.name} by ${NAMES[contender]}`);
			await bench.sandbox.reset();
			const milliseconds = millisecondsByPlace(await profiles[contender]());
			return { name: NAMES[contender], milliseconds };
		};
		const theirs = await profiled('bare');
		const ours = [await profiled('pika'), await profiled('inside')];
		return ours.flatMap((each) =>
			byPlace('upload profile', `CPU for ${images.name}`, each, theirs),
		);
	} finally {
		bare.stop();
		runs.stop();
		await n8n.stop();
	}
}

/** What uploading costs: time and memory, for images of all sizes, in each of n8n's stores. */
export async function measureUpload(bench: Bench): Promise<Measurement[]> {
	const { isQuick } = bench;
	const repetitions = isQuick ? 1 : 3;
	const single = (isQuick ? [1, 10] : [1, 10, 100, 400]).map(one);
	const all = [...single, isQuick ? { ...BATCH, name: '10 images of 5 MB', count: 10 } : BATCH];
	const values = new Values();
	const userFolder = await bench.newUserFolder();
	await repeat(repetitions, async (repetition) => {
		const round = { userFolder, repetition, all, values };
		await measureMemory(bench, round);
		await measureTime(bench, round);
	});
	const other = isQuick ? [1] : [1, 10];
	const inDatabase = (isQuick ? other : [...other, 100]).map(one);
	return [
		...all.map((images) => {
			const measurement = compared(values, images, 'memory', 'http');
			return images.count === 1 ? withValueAtMost(measurement, FLAT_MEGABYTES) : measurement;
		}),
		...all.map((images) => compared(values, images, 'memory', 'bare')),
		...all.map((images) => withRatioAtMost(compared(values, images, 'time', 'http'), 1)),
		...all.map((images) => {
			const measurement = compared(values, images, 'time', 'bare');
			return images.size >= LARGE ? withRatioAtMost(measurement, 1.15) : measurement;
		}),
		...all.map((images) => compared(values, images, 'time', 'inside')),
		...(await measureStore(bench, { store: 'database', all: inDatabase, repetitions })),
		...(await measureStore(bench, { store: 'default', all: other.map(one), repetitions })),
		...(await profileAll(bench, userFolder, single.at(-1) ?? BATCH)),
	];
}
