import type { ICredentialDataDecryptedObject, IDataObject, IWorkflowSettings } from 'n8n-workflow';

import { UseApiPikaApi } from '../../credentials/UseApiPikaApi.credentials';
import { PikaTrigger } from '../../nodes/Pika/PikaTrigger.node';
import type { Sandbox } from '../../sandbox/sandbox.cts';
import { Collect } from './harness/collect.cts';
import { TriggerWorkflow } from './harness/trigger-webhook.cts';

export const TRIGGER_TYPE = 'n8n-nodes-useapi-pika.pikaTrigger';

export interface PikaTriggerWorkflow {
	sandbox: Pick<Sandbox, 'apiToken' | 'baseUrl'>;
	parameters?: IDataObject;
	settings?: IWorkflowSettings;
	credential?: ICredentialDataDecryptedObject;
	publicUrl?: string;
	workflowId?: string;
}

let count = 0;

/** Pika Trigger → Collect, in the sandbox's hands; each with an id of its own, as the node remembers by it. */
export function pikaTrigger(options: PikaTriggerWorkflow): TriggerWorkflow {
	const { sandbox, parameters = {}, settings, credential, publicUrl } = options;
	count += 1;
	const { workflowId = `trigger-workflow-${count}` } = options;
	return new TriggerWorkflow({
		workflowId,
		nodes: [
			{
				name: 'Pika Trigger',
				type: TRIGGER_TYPE,
				typeVersion: 2,
				webhookId: `webhook-${workflowId}`,
				// Workflows store no more than this; n8n itself adds the defaults.
				parameters: parameters as Record<string, string>,
			},
			{ name: 'Collect', type: 'test.collect' },
		],
		connections: [['Pika Trigger', 'Collect']],
		nodeTypes: { [TRIGGER_TYPE]: new PikaTrigger(), 'test.collect': new Collect() },
		settings,
		publicUrl: publicUrl ?? 'http://127.0.0.1:1',
		credentials: {
			useApiPikaApi: { apiToken: sandbox.apiToken, baseUrl: sandbox.baseUrl, ...credential },
		},
		credentialTypes: [new UseApiPikaApi()],
	});
}
