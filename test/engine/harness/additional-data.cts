import { container } from './environment.cts';

import { ExecutionLifecycleHooks, ExternalSecretsProxy } from 'n8n-core';
import {
	UnexpectedError,
	type ICredentialType,
	type IWorkflowBase,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { CredentialsHelper, type StoredCredentials } from './credentials.cts';

/** The public URL of the simulated n8n. */
export const defaultPublicUrl = 'https://n8n.example.com';

export interface HostOptions {
	credentials?: StoredCredentials;
	credentialTypes?: readonly ICredentialType[];
	/** n8n's public URL, which `$execution.resumeUrl` begins with. */
	publicUrl?: string;
}

/** What the `n8n` package hands to the engine for one execution. */
export function additionalDataFor(
	host: HostOptions,
	workflow: IWorkflowBase,
	execution: { id: string; mode: WorkflowExecuteMode; resumed: boolean },
): IWorkflowExecuteAdditionalData {
	const publicUrl = host.publicUrl ?? defaultPublicUrl;
	const timeout = workflow.settings?.executionTimeout ?? 0;
	return {
		credentialsHelper: new CredentialsHelper(host.credentialTypes ?? [], host.credentials ?? {}),
		hooks: new ExecutionLifecycleHooks(execution.mode, execution.id, workflow),
		executionId: execution.id,
		restartExecutionId: execution.resumed ? execution.id : undefined,
		executionTimeoutTimestamp: timeout > 0 ? Date.now() + timeout * 1000 : undefined,
		workflowId: workflow.id,
		workflowSettings: workflow.settings,
		currentNodeExecutionIndex: 0,
		variables: {},
		externalSecretsProxy: container.get(ExternalSecretsProxy),
		restApiUrl: `${publicUrl}/rest`,
		instanceBaseUrl: `${publicUrl}/`,
		formBaseUrl: `${publicUrl}/form`,
		formWaitingBaseUrl: `${publicUrl}/form-waiting`,
		formTestBaseUrl: `${publicUrl}/form-test`,
		webhookBaseUrl: `${publicUrl}/webhook`,
		webhookWaitingBaseUrl: `${publicUrl}/webhook-waiting`,
		webhookTestBaseUrl: `${publicUrl}/webhook-test`,
		mcpBaseUrl: `${publicUrl}/mcp`,
		mcpTestBaseUrl: `${publicUrl}/mcp-test`,
		setExecutionStatus: ignored,
		logAiEvent: ignored,
		getRunExecutionData: nothing,
		getRuntimeCredential: nothing,
		executeWorkflow: async () => await absent('Sub-workflows'),
		startRunnerTask: async () => await absent('Task runners'),
	};
}

function ignored(): void {
	// There is no editor to receive messages here.
}

function nothing(): Promise<undefined> {
	return Promise.resolve<undefined>(undefined);
}

async function absent(feature: string): Promise<never> {
	return await Promise.reject(new UnexpectedError(`${feature} are not part of the test harness`));
}
