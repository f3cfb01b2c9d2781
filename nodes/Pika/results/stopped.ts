import { type INode, NodeOperationError } from 'n8n-workflow';

/** What a stopped execution leaves at useapi.net: job IDs, and the reply references of submissions that may have made a job. */
interface Left {
	cancelled: string[];
	running: string[];
	possiblySubmitted: string[];
}

function sentence(text: string, names: string[]): string[] {
	return names.length === 0 ? [] : [`${text}: ${names.join(', ')}.`];
}

/** The error of an execution that was stopped; it names the jobs that it leaves behind. */
export function stoppedError(node: INode, left: Left): NodeOperationError {
	const description = [
		...sentence('Cancelled jobs', left.cancelled),
		...sentence('Jobs that go on at useapi.net', left.running),
		...sentence('May have been submitted, with the reply reference', left.possiblySubmitted),
	].join(' ');
	// n8n tells a stopped execution from a failed one by this word in the message.
	return new NodeOperationError(node, 'The execution was canceled', { description });
}
