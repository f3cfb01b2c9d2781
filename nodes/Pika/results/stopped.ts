import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';

/** The jobs of a stopped execution: IDs, and reply references of submissions that may have created a job. */
interface Left {
	cancelled: string[];
	running: string[];
	ended: string[];
	possiblySubmitted: string[];
}

/** n8n writes an error to its log for longer values, and drops entries beyond the tenth. */
const LONGEST_VALUE = 255;

function sentence(text: string, names: string[]): string[] {
	return names.length === 0 ? [] : [`${text}: ${names.join(', ')}.`];
}

function linesOf(names: string[], longest: number): string[] {
	return names.reduce<string[]>((lines, name) => {
		const joined = [...lines.slice(-1), name].join(', ');
		return joined.length <= longest ? [...lines.slice(0, -1), joined] : [...lines, name];
	}, []);
}

/** The job IDs as custom data of the execution, which n8n stores even if it was stopped, and shows in the list of executions. */
function keepJobids({ customData }: Partial<IExecuteFunctions>, jobids: string[]): void {
	for (const [i, line] of linesOf(jobids, LONGEST_VALUE).entries()) {
		customData?.set(`pika_jobs_${i + 1}`, line);
	}
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
	keepJobids(node, [...running, ...ended]);
	if (description) node.logger.warn(`Pika: execution ${executionId} was stopped. ${description}`);
	// n8n recognizes a stopped execution by the word "canceled" in the message.
	return new NodeOperationError(node.getNode(), 'The execution was canceled', { description });
}
