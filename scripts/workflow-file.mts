import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const nodeSchema = z
	.object({
		id: z.string(),
		name: z.string(),
		type: z.string(),
		credentials: z.record(z.object({ id: z.string(), name: z.string() })).optional(),
	})
	.passthrough();

export const workflowSchema = z.object({
	name: z.string(),
	nodes: z.array(nodeSchema),
	connections: z.record(z.unknown()),
	settings: z.record(z.unknown()).optional(),
});

export type Workflow = z.infer<typeof workflowSchema>;
type WorkflowNode = z.infer<typeof nodeSchema>;

export interface CredentialReference {
	id: string;
	name: string;
	type: string;
}

/** The package, as the types of its nodes name it where n8n has installed it. */
export const PACKAGE = 'n8n-nodes-useapi-pika';

/** The address of a sandbox on this machine, before the paths that only a sandbox has. */
const SANDBOX = /http:\/\/127\.0\.0\.1:\d+(?=\/sandbox\/)/g;

/** Reads a workflow as the editor exports it; its links to a sandbox then lead to `sandboxUrl`. */
export async function readWorkflow(file: string, sandboxUrl: string): Promise<Workflow> {
	const content: unknown = JSON.parse(await readFile(file, 'utf8'));
	return withSandbox(workflowSchema.parse(content), sandboxUrl);
}

/** The same workflow, with its links to a sandbox on this machine leading to this one. */
export function withSandbox(workflow: Workflow, sandboxUrl: string): Workflow {
	const content: unknown = JSON.parse(JSON.stringify(workflow).replace(SANDBOX, sandboxUrl));
	return workflowSchema.parse(content);
}

/** The same workflow, with a URL for each trigger that is called at one: on import, the editor gives it that. */
export function withWebhookIds(workflow: Workflow): Workflow {
	const nodes = workflow.nodes.map((node) =>
		/(pika|chat)Trigger$/.test(node.type) ? { ...node, webhookId: randomUUID() } : node,
	);
	return { ...workflow, nodes };
}

/** The same workflow, with the credential chosen in every node of the package. */
export function withCredential(workflow: Workflow, credential: CredentialReference): Workflow {
	const { type, id, name } = credential;
	const nodes = workflow.nodes.map((node) =>
		node.type.startsWith(`${PACKAGE}.`) ? { ...node, credentials: { [type]: { id, name } } } : node,
	);
	return { ...workflow, nodes };
}

/** The same workflow for an n8n that gives the package another name. */
export function withPackageName(workflow: Workflow, packageName: string): Workflow {
	const nodes = workflow.nodes.map((node) => ({
		...node,
		type: node.type.replace(`${PACKAGE}.`, `${packageName}.`),
	}));
	return { ...workflow, nodes };
}

/** The only node of this type. Throws if there is none or more than one. */
export function nodeOfType(workflow: Workflow, type: string): WorkflowNode {
	const [node, ...others] = workflow.nodes.filter((candidate) => candidate.type === type);
	if (!node || others.length > 0) {
		throw new Error(`The workflow "${workflow.name}" must have exactly one node of type ${type}.`);
	}
	return node;
}
