import type { IExecuteData, IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';

/**
 * What n8n is about to execute; not in n8n's public types. Undefined if this n8n no longer has it: then a suspended node
 * could not be resumed (docs/n8n-internals.md, "Running execute() again").
 */
export function executeDataOf(
	context: IExecuteFunctions | IWebhookFunctions,
): IExecuteData | undefined {
	const { executeData } = context as { executeData?: IExecuteData };
	return executeData?.node ? executeData : undefined;
}
