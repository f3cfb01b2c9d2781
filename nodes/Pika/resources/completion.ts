import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';

import type { Credentials } from '../api/credentials';
import { isOutOfReach } from '../api/privateHost';
import type { Completion } from '../jobs/runPlan';

/** The signed URL that resumes this execution while it waits. */
export function resumeUrlOf(node: IExecuteFunctions): string {
	return String(node.evaluateExpression('{{ $execution.resumeUrl }}', 0));
}

function refuse(node: IExecuteFunctions, message: string, description: string): NodeOperationError {
	return new NodeOperationError(node.getNode(), message, { description });
}

const CHOOSE_POLLING = 'Set "Wait for Completion" to "By Polling"';

/** True if an AI agent runs the node: n8n gives that variant a node type of its own. */
export function isTool(node: IExecuteFunctions): boolean {
	const { type } = node.getNode();
	return type.endsWith('Tool') || node.isToolExecution?.() === true;
}

function refuseCallback(node: IExecuteFunctions, resumeUrl: string, settings: Credentials): void {
	if (isTool(node)) {
		throw refuse(
			node,
			'An AI agent cannot wait for a callback',
			`${CHOOSE_POLLING} or to "Off" in this tool.`,
		);
	}
	if (isOutOfReach(new URL(resumeUrl), new URL(settings.baseUrl))) {
		throw refuse(
			node,
			`useapi.net cannot call this n8n at ${new URL(resumeUrl).origin}`,
			`${CHOOSE_POLLING}, or set n8n's environment variable N8N_WEBHOOK_URL to an address that can be reached from outside.`,
		);
	}
}

export interface CompletionPlan {
	completion: Completion;
	/** The URL that resumes this execution; only with callbacks. */
	resumeUrl?: string;
}

/** Reads how this run waits, which is the same for all items. Throws before anything is sent if that cannot work. */
export function readCompletion(node: IExecuteFunctions, settings: Credentials): CompletionPlan {
	const completion = node.getNodeParameter('completion', 0, 'poll') as Completion;
	if (completion !== 'callback') return { completion };
	const resumeUrl = resumeUrlOf(node);
	refuseCallback(node, resumeUrl, settings);
	return { completion, resumeUrl };
}
