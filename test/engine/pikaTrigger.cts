import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	IWorkflowSettings,
} from 'n8n-workflow';

import { UseApiPikaApi } from '../../credentials/UseApiPikaApi.credentials';
import { PikaTrigger } from '../../nodes/Pika/PikaTrigger.node';
import type { Sandbox, SandboxJob, TerminalStatus } from '../../sandbox/sandbox.cts';
import { Collect } from './harness/collect.cts';
import { type TriggerAnswer, TriggerWorkflow } from './harness/trigger-webhook.cts';
import type { NodeTypesByName } from './harness/workflow.cts';

export const TRIGGER_TYPE = 'n8n-nodes-useapi-pika.pikaTrigger';

export interface PikaTriggerWorkflow {
	sandbox: Pick<Sandbox, 'apiToken' | 'baseUrl'>;
	parameters?: IDataObject;
	/** Settings of the trigger itself, such as `retryOnFail`. */
	node?: Partial<INode>;
	settings?: IWorkflowSettings;
	credential?: ICredentialDataDecryptedObject;
	publicUrl?: string;
	workflowId?: string;
}

let count = 0;

/** Pika Trigger → Collect, with the sandbox as the API; each workflow has its own ID, which the node's memory uses. */
export function pikaTrigger(options: PikaTriggerWorkflow): TriggerWorkflow {
	const { sandbox, parameters = {}, node, settings, credential, publicUrl } = options;
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
				// Workflows store only this; n8n adds the defaults.
				parameters: { download: false, ...parameters } as INode['parameters'],
				...node,
			},
			{ name: 'Collect', type: 'test.collect' },
		],
		connections: [['Pika Trigger', 'Collect']],
		nodeTypes: nodeTypesWith(new PikaTrigger()),
		settings,
		publicUrl: publicUrl ?? 'http://127.0.0.1:1',
		credentials: {
			useApiPikaApi: { apiToken: sandbox.apiToken, baseUrl: sandbox.baseUrl, ...credential },
		},
		credentialTypes: [new UseApiPikaApi()],
	});
}

/** The nodes in an n8n process that has just started, in which the package's modules have no memory. */
export function newProcess(): NodeTypesByName {
	let fresh = PikaTrigger;
	// Loading n8n's own modules again takes most of a second.
	const workflowPackage = jest.requireActual<object>('n8n-workflow');
	jest.isolateModules(() => {
		jest.doMock('n8n-workflow', () => workflowPackage);
		const path = '../../nodes/Pika/PikaTrigger.node';
		fresh = jest.requireActual<{ PikaTrigger: typeof PikaTrigger }>(path).PikaTrigger;
	});
	jest.dontMock('n8n-workflow');
	if (fresh === PikaTrigger) throw new Error('The node is that of this process');
	return nodeTypesWith(new fresh());
}

function nodeTypesWith(trigger: PikaTrigger): NodeTypesByName {
	return { [TRIGGER_TYPE]: trigger, 'test.collect': new Collect() };
}

/** The IDs of the jobs that reached the node after the trigger. */
export function emitted(answers: readonly TriggerAnswer[]): unknown[] {
	return answers.flatMap(({ run }) => run?.output('Collect').map(({ json }) => json.jobid) ?? []);
}

/** A job that was started elsewhere and ended with this status, or still runs without one. */
export async function foreignJob(
	sandbox: Sandbox,
	status?: TerminalStatus,
	endpoint = 'create',
): Promise<SandboxJob> {
	const body = new FormData();
	body.append('prompt', `prompt ${sandbox.jobs.length}`);
	if (endpoint === 'encrypt_text') body.append('message', 'hidden');
	const headers = { authorization: `Bearer ${sandbox.apiToken}` };
	const url = `${sandbox.baseUrl}/v1/pika/${endpoint}`;
	const response = await fetch(url, { method: 'POST', headers, body });
	const { jobid } = (await response.json()) as { jobid: string };
	if (status) sandbox.finishJob(jobid, status);
	const job = sandbox.jobs.find((each) => each.jobid === jobid);
	if (!job) throw new Error(`The sandbox has no job ${jobid}`);
	return job;
}
