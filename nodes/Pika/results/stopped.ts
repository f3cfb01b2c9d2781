import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';
import { recordJobs } from './jobRecord';

/** The jobs of a stopped execution: IDs, and reply references of submissions that may have created a job. */
interface Left {
	cancelled: string[];
	running: string[];
	ended: string[];
	possiblySubmitted: string[];
}

function sentence(text: string, names: string[]): string[] {
	return names.length === 0 ? [] : [`${text}: ${names.join(', ')}.`];
}

/**
 * The error of a stopped execution, which names the jobs that remain at useapi.net. n8n does not store it, so it is written
 * to n8n's log, and the job IDs to the execution's custom data (docs/n8n-internals.md, "Stopping an execution").
 */
export function stoppedError(
	node: IExecuteFunctions,
	executionId: string,
	{ cancelled, running, ended, possiblySubmitted }: Left,
): NodeOperationError {
	const description = [
		...sentence('Cancelled jobs', cancelled),
		...sentence('Jobs that continue at useapi.net', running),
		...sentence('Jobs that had ended', ended),
		...sentence('May have been submitted, with the reply reference', possiblySubmitted),
	].join(' ');
	recordJobs(node, [...running, ...ended].join(', '));
	if (description) node.logger.warn(`Pika: execution ${executionId} was stopped. ${description}`);
	// n8n recognizes a stopped execution by the word "canceled" in the message.
	return new NodeOperationError(node.getNode(), 'The execution was canceled', { description });
}
