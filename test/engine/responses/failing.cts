import type { ICredentialDataDecryptedObject, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { type WorkflowRun, runWorkflow } from '../harness/run.cts';
import { imageItem, pikaWorkflow } from '../pika.cts';

export const API_TOKEN = 'user:1000-secret-of-the-test';

/** Runs one operation on the engine against the given server. */
export async function runAt(
	baseUrl: string,
	parameters: IDataObject = {},
	more: {
		credential?: ICredentialDataDecryptedObject;
		items?: ReturnType<typeof imageItem>[];
		onError?: 'continueErrorOutput' | 'continueRegularOutput';
		/** The public URL of n8n. */
		n8n?: string;
	} = {},
): Promise<WorkflowRun> {
	const { credential, items, onError, n8n } = more;
	return await runWorkflow(
		pikaWorkflow({
			sandbox: { apiToken: API_TOKEN, baseUrl },
			items,
			parameters: { completion: 'off', ...parameters },
			credential,
			publicUrl: n8n,
			node: onError && { onError },
		}),
	);
}

/** The items of both outputs of a run. */
export function allItems(run: WorkflowRun): INodeExecutionData[] {
	return [...run.output('Pika'), ...run.output('Pika', 1)];
}
