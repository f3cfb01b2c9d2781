import type { IExecuteData, IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';

/**
 * The node that n8n is executing, with its input; not part of n8n's public types. Undefined if this n8n no longer has it:
 * then a suspended node could not be resumed (docs/n8n-internals.md, "Running execute() again").
 */
export function executeDataOf(
	context: IExecuteFunctions | IWebhookFunctions,
): IExecuteData | undefined {
	const { executeData } = context as { executeData?: IExecuteData };
	return executeData?.node ? executeData : undefined;
}
