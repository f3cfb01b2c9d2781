import { join } from 'node:path';
import { type Measurement, withRatioAtMost, withValueAtMost } from '../report/measurement.cts';
import { inTurns } from '../report/statistics.cts';
import { type Bench, MEGABYTE, repeat, Values } from '../measure/bench.mts';
import { type MeasuredN8n, startMeasuredN8n } from '../measure/n8n.mts';
import { type MemoryGrowth } from '../measure/memory-growth.mts';
import { plainUpload } from '../measure/plain-node.mts';
import { UploadRuns } from '../measure/upload-run.mts';
import type { Uploader } from './upload-workflow.mts';

interface Images {
	name: string;
	size: number;
	count: number;
}

const AT_ONCE = 10;
const UPLOADERS: readonly Uploader[] = ['pika', 'http'];
const NAMES = { pika: 'Pika', http: 'HTTP Request' };
const REPETITIONS = 3;

/** The growth of memory that still counts as flat. */
const FLAT_MEGABYTES = 16;
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
const BATCH: Images = { name: '100 images of 5 MB, 10 at a time', size: 5 * MEGABYTE, count: 100 };

const keyOf = (what: 'time' | 'memory', { name }: Images, uploader: Uploader) =>
	`${what} ${name} ${uploader}`;

const turnsFor = ({ size, count }: Images) =>
	TURNS.find(({ below }) => size * count < below)?.turns ?? 1;

const imageFolderIn = (userFolder: string) => join(userFolder, 'images');

async function startFor(bench: Bench, userFolder: string): Promise<MeasuredN8n> {
	const env = {
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_BINARY_DATA_STORAGE_PATH: imageFolderIn(userFolder),
		N8N_PAYLOAD_SIZE_MAX: '512',
		NODE_OPTIONS: '--max-old-space-size=4096',
	};
	return await startMeasuredN8n({ ...bench, userFolder, env });
}

/** Each uploader in an n8n that nothing else has used, the images from small to large, so that no memory is used again. */
async function measureMemory(
	bench: Bench,
	{ userFolder, repetition, all, values }: Round,
): Promise<void> {
	for (const uploader of inTurns(UPLOADERS, repetition)) {
		const n8n = await startFor(bench, userFolder);
		const runs = await UploadRuns.in(bench, n8n, imageFolderIn(userFolder));
		try {
			await runs.upload({ uploader, ...one(0.1), atOnce: AT_ONCE });
			for (const images of all) {
				bench.report(`memory: ${images.name} by ${NAMES[uploader]}`);
				const measured = await runs.upload({ uploader, ...images, atOnce: AT_ONCE });
				values.add(keyOf('memory', images, uploader), measured.growthBytes / MEGABYTE);
				if (images.count > 1) values.add(keyOf('time', images, uploader), measured.milliseconds);
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

/** Both in one n8n, in turns. */
async function measureTime(
	bench: Bench,
	{ userFolder, repetition, all, values }: Round,
): Promise<void> {
	if (all.length === 0) return;
	const n8n = await startFor(bench, userFolder);
	const runs = await UploadRuns.in(bench, n8n, imageFolderIn(userFolder));
	try {
		for (const uploader of UPLOADERS) {
			await repeat(2, async () => {
				await runs.upload({ uploader, ...one(1), atOnce: AT_ONCE });
			});
		}
		for (const images of all) {
			const ofTurns = new Values();
			await repeat(bench.isQuick ? 1 : turnsFor(images), async (turn) => {
				for (const uploader of inTurns(UPLOADERS, repetition + turn)) {
					bench.report(`time: ${images.name} by ${NAMES[uploader]}`);
					const { milliseconds } = await runs.upload({ uploader, ...images, atOnce: AT_ONCE });
					ofTurns.add(keyOf('time', images, uploader), milliseconds);
				}
			});
			values.addMediansOf(ofTurns);
		}
	} finally {
		runs.stop();
		await n8n.stop();
	}
}

function compared(values: Values, images: Images, what: 'time' | 'memory'): Measurement {
	const title = what === 'time' ? 'Upload time' : 'Upload memory over the start';
	const of = (uploader: Uploader) => ({
		name: NAMES[uploader],
		values: values.of(keyOf(what, images, uploader)),
	});
	return {
		section: images.count === 1 ? 'upload' : 'batch',
		what: `${title}, ${images.name}`,
		unit: what === 'time' ? 'ms' : 'MB',
		ours: of('pika'),
		theirs: of('http'),
	};
}

async function measure(bench: Bench, all: readonly Images[]): Promise<Measurement[]> {
	const values = new Values();
	const userFolder = await bench.newUserFolder();
	await repeat(bench.isQuick ? 1 : REPETITIONS, async (repetition) => {
		const round = { userFolder, repetition, all, values };
		await measureMemory(bench, round);
		await measureTime(bench, { ...round, all: all.filter(({ count }) => count === 1) });
	});
	return [
		...all.map((images) => withValueAtMost(compared(values, images, 'memory'), FLAT_MEGABYTES)),
		...all.map((images) => withRatioAtMost(compared(values, images, 'time'), 1)),
	];
}

/** The cost of uploading one image, from small to large. */
export async function measureUpload(bench: Bench): Promise<Measurement[]> {
	return await measure(bench, (bench.isQuick ? [1, 10] : [10, 100, 400]).map(one));
}

const batchFor = ({ isQuick }: Bench): Images =>
	isQuick ? { ...BATCH, name: '10 images of 5 MB', count: 10 } : BATCH;

/** The cost of uploading many images. */
export async function measureBatch(bench: Bench): Promise<Measurement[]> {
	const measured = await measure(bench, [batchFor(bench)]);
	return measured.map((each) => (each.unit === 'MB' ? withRatioAtMost(each, 1) : each));
}

type Way = Uploader | 'plain';

const KINDS = {
	all: 'Resident memory at its peak',
	buffers: 'Buffers at their peak, in use or not yet collected',
	heap: "V8's heap at its peak",
	inUse: 'Buffers and objects in use at their peak',
};

/** Of what kind the memory of a batch is, and how much of it is in use; beside it a Node that does nothing else. */
export async function measureMemoryKinds(bench: Bench): Promise<Measurement[]> {
	const images = batchFor(bench);
	const values = new Values();
	const add = (way: Way, growth: MemoryGrowth) => {
		for (const [kind, bytes] of Object.entries(growth)) {
			values.add(`${kind} ${way}`, Number(bytes) / MEGABYTE);
		}
	};
	const userFolder = await bench.newUserFolder();
	await repeat(1, async (repetition) => {
		for (const uploader of inTurns(UPLOADERS, repetition)) {
			bench.report(`profile: ${images.name} by ${NAMES[uploader]}`);
			const n8n = await startFor(bench, userFolder);
			const runs = await UploadRuns.in(bench, n8n, imageFolderIn(userFolder));
			try {
				await runs.upload({ uploader, ...one(0.1), atOnce: AT_ONCE });
				const options = { uploader, ...images, atOnce: AT_ONCE };
				add(uploader, await runs.growth(options));
				values.add(`inUse ${uploader}`, (await runs.inUse(options)) / MEGABYTE);
			} finally {
				runs.stop();
				await n8n.stop();
			}
		}
		add('plain', await plainUpload(bench.installation.node, { ...images, atOnce: AT_ONCE }));
	});
	const row = (kind: keyof typeof KINDS, way: Way, name: string): Measurement => ({
		section: 'memory',
		what: `${KINDS[kind]}, over the start`,
		unit: 'MB',
		ours: { name: NAMES.pika, values: values.of(`${kind} pika`) },
		theirs: { name, values: values.of(`${kind} ${way}`) },
	});
	return [
		...(['all', 'buffers', 'heap', 'inUse'] as const).map((kind) => row(kind, 'http', NAMES.http)),
		...(['all', 'buffers'] as const).map((kind) => row(kind, 'plain', 'Node alone')),
	];
}
