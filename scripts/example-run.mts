import { join } from 'node:path';
import { z } from 'zod';
import type { Sandbox } from '../sandbox/sandbox.cts';
import { type Execution, outputOf } from './execution.mts';
import type { N8nRest } from './n8n-rest.mts';
import { proveUploads, type UploadProof } from './upload-proof.mts';
import { nodeNameOfType, readWorkflow, withCredential } from './workflow-file.mts';

export interface ImportedExample {
	workflowId: string;
	triggerNode: string;
	pikaNode: string;
}

const EXAMPLE = join(import.meta.dirname, '..', 'examples', 'encrypt-image.json');
const CREDENTIAL = { name: 'Pika sandbox', type: 'useApiPikaApi' };

/** The form fields of the submission, and which of the sandbox's pictures the example sends in them. */
const PICTURES = { message: 'message.png', image: 'reference.webp' };

const jobSchema = z.object({
	jobid: z.string(),
	status: z.string(),
	verb: z.string().optional(),
	channel: z.string().optional(),
});

export type Job = z.infer<typeof jobSchema>;

/** Puts a credential for the sandbox and the example workflow that uses it into n8n, or brings both up to date. */
export async function importExample(rest: N8nRest, sandbox: Sandbox): Promise<ImportedExample> {
	const { baseUrl, apiToken } = sandbox;
	const id = await rest.saveCredential({ ...CREDENTIAL, data: { apiToken, baseUrl } });
	const workflow = withCredential(await readWorkflow(EXAMPLE, baseUrl), { ...CREDENTIAL, id });
	return {
		workflowId: await rest.saveWorkflow(workflow),
		triggerNode: nodeNameOfType(workflow, 'n8n-nodes-base.manualTrigger'),
		pikaNode: nodeNameOfType(workflow, 'n8n-nodes-useapi-pika.pika'),
	};
}

/** Runs the example and gives the job that came out of it; an error says why there is none. */
export async function runExample(
	rest: N8nRest,
	{ workflowId, triggerNode, pikaNode }: ImportedExample,
	signal: AbortSignal,
): Promise<Job> {
	const executionId = await rest.run(workflowId, triggerNode);
	const execution = await rest.waitForExecution(executionId, { signal });
	return jobOf(execution, pikaNode);
}

/** Proves that the sandbox received the pictures of this run unchanged. */
export async function proveExample(sandbox: Sandbox): Promise<UploadProof[]> {
	const pictures = Object.entries(PICTURES).map(([field, file]): [string, string] => [
		field,
		`${sandbox.baseUrl}/sandbox/pictures/${file}`,
	]);
	return await proveUploads(sandbox.requests, Object.fromEntries(pictures));
}

function jobOf(execution: Execution, pikaNode: string): Job {
	if (execution.status !== 'success') {
		const why = execution.error ?? 'n8n gives no reason';
		throw new Error(`The workflow ended as "${execution.status}": ${why}`);
	}
	const [item, ...others] = outputOf(execution, pikaNode);
	const job = jobSchema.safeParse(item?.json);
	if (!job.success || others.length > 0) {
		throw new Error(`The node "${pikaNode}" did not give exactly one accepted job.`);
	}
	return job.data;
}
