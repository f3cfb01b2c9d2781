import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Sandbox } from '../sandbox/sandbox.cts';
import { type Execution, outputOf } from './execution.mts';
import type { N8nRest } from './n8n-rest.mts';
import { hashAt, hashOf, proveUploads, type UploadProof } from './upload-proof.mts';
import {
	nodeOfType,
	readWorkflow,
	withCredential,
	withSandbox,
	withWebhookIds,
} from './workflow-file.mts';

export interface ImportedExample {
	workflowId: string;
	triggerNode: string;
	pikaNode: { id: string; name: string };
}

export interface ExampleRun {
	/** The editor's path, below n8n's base URL, of the Pika node in this execution. */
	path: string;
	job: Job;
	video: Video;
}

const EXAMPLES = join(import.meta.dirname, '..', 'examples');
/** The example that is run. */
const FIRST = 'encrypt-image.json';
/** n8n offers folders only with a license, but always tags. */
const TAG = 'Pika examples';
const CREDENTIAL = { name: 'Pika sandbox', type: 'useApiPikaApi' };

/** The form fields of the submission, and which of the sandbox's pictures the example sends in them. */
const PICTURES = { message: 'message.png', image: 'reference.webp' };

const jobSchema = z.object({
	jobid: z.string(),
	status: z.literal('completed'),
	verb: z.string().optional(),
	channel: z.string().optional(),
});

const videoSchema = z.object({
	id: z.string(),
	fileName: z.string(),
	mimeType: z.literal('video/mp4'),
});

export type Job = z.infer<typeof jobSchema>;
export type Video = z.infer<typeof videoSchema>;

/**
 * Puts a credential for the sandbox and all examples into n8n, and restores the one that is run. The others keep what
 * the user has changed in them.
 */
export async function importExamples(
	rest: N8nRest,
	{ baseUrl, apiToken }: Pick<Sandbox, 'baseUrl' | 'apiToken'>,
): Promise<ImportedExample> {
	const id = await rest.saveCredential({ ...CREDENTIAL, data: { apiToken, baseUrl } });
	const tags = [await rest.provideTag(TAG)];
	const read = async (file: string) =>
		withCredential(await readWorkflow(join(EXAMPLES, file), baseUrl), { ...CREDENTIAL, id });

	const files = (await readdir(EXAMPLES)).filter((file) => file.endsWith('.json'));
	for (const file of files.filter((each) => each !== FIRST)) {
		const example = await read(file);
		const existing = await rest.findWorkflow(example.name);
		const wanted = existing ? withSandbox(existing, baseUrl) : withWebhookIds(example);
		if (!isDeepStrictEqual(wanted, existing)) await rest.saveWorkflow(wanted, tags);
	}
	// n8n lists the most recently saved workflow first.
	const workflow = await read(FIRST);
	return {
		workflowId: await rest.saveWorkflow(workflow, tags),
		triggerNode: nodeOfType(workflow, 'n8n-nodes-base.manualTrigger').name,
		pikaNode: nodeOfType(workflow, 'n8n-nodes-useapi-pika.pika'),
	};
}

/** Runs the example until its video is available. If there is none, the error gives the reason. */
export async function runExample(
	rest: N8nRest,
	{ workflowId, triggerNode, pikaNode }: ImportedExample,
	signal: AbortSignal,
): Promise<ExampleRun> {
	const executionId = await rest.run(workflowId, triggerNode);
	const execution = await rest.waitForExecution(executionId, { signal });
	const path = `/workflow/${workflowId}/executions/${executionId}/${pikaNode.id}`;
	return { path, ...resultOf(execution, pikaNode.name) };
}

/** Proves that the sandbox received the pictures of this run unchanged. */
export async function provePictures(sandbox: Sandbox): Promise<UploadProof[]> {
	const pictures = Object.entries(PICTURES).map(([field, file]): [string, string] => [
		field,
		`${sandbox.baseUrl}/sandbox/pictures/${file}`,
	]);
	return await proveUploads(sandbox.requests, Object.fromEntries(pictures));
}

/** Proves that n8n has the video of this run unchanged. */
export async function proveVideo(
	rest: N8nRest,
	sandbox: Sandbox,
	{ job, video }: ExampleRun,
): Promise<UploadProof> {
	const url = sandbox.jobs.find(({ jobid }) => jobid === job.jobid)?.attachments?.[0]?.url;
	if (url === undefined) throw new Error(`The sandbox has no video of the job ${job.jobid}.`);
	const expected = await hashAt(url);
	const bytes = await rest.readBinary(video.id);
	const sha256 = hashOf(bytes);
	if (sha256 !== expected) {
		throw new Error(
			`The bytes in n8n are not the video's: n8n has sha256 ${sha256}, the video has ${expected}.`,
		);
	}
	return { field: 'video', size: bytes.length, type: video.mimeType, sha256 };
}

function resultOf(execution: Execution, pikaNode: string): { job: Job; video: Video } {
	if (execution.status !== 'success') {
		const why = execution.error ?? 'n8n gives no reason';
		throw new Error(`The workflow ended as "${execution.status}": ${why}`);
	}
	const [item, ...others] = outputOf(execution, pikaNode);
	const job = jobSchema.safeParse(item?.json);
	const video = videoSchema.safeParse(item?.binary?.video);
	if (!job.success || !video.success || others.length > 0) {
		throw new Error(
			`The node "${pikaNode}" did not give exactly one completed job with its video.`,
		);
	}
	return { job: job.data, video: video.data };
}
