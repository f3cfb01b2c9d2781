import type { IExecuteFunctions } from 'n8n-workflow';

/** True if the operation is about a job that exists already: it submits nothing, and has other ways of waiting. */
export function isKnownJob(node: IExecuteFunctions): boolean {
	return node.getNodeParameter('resource', 0, '') === 'job';
}
