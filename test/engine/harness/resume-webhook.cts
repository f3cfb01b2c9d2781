import './environment.cts';

import { WAITING_TOKEN_QUERY_PARAM, WebhookContext } from 'n8n-core';
import {
	isNodeClassInstance,
	resolveWebhookDescriptionField,
	type INode,
	type IRunExecutionData,
	type IWebhookData,
	type IWebhookDescription,
	type IWebhookResponseData,
	type IWorkflowExecuteAdditionalData,
	type Workflow,
} from 'n8n-workflow';

import { additionalDataFor, defaultPublicUrl } from './additional-data.cts';
import { claim, isClaimed, stackEntry } from './resume.cts';
import { startExecution, type Execution, type WorkflowRun } from './run.cts';
import { savedAndLoaded } from './saved-execution.cts';
import { RecordedResponse, requestObject, type WebhookRequest } from './webhook-http.cts';
import { engineWorkflow } from './workflow.cts';

/** n8n's response to a call of the resume URL, and the execution after it. */
export interface WebhookAnswer {
	status: number;
	body: unknown;
	/** Undefined while the execution keeps waiting. */
	run?: WorkflowRun;
}

/** How this n8n differs from n8n 2.41. */
export interface OtherHost {
	/** Its `webhook()` sees nothing of the execution's stack, and so cannot make n8n run `execute()` again. */
	hidesExecuteData?: boolean;
	/** It cannot save that the execution is resumed, for example because its database does not answer. */
	cannotSave?: boolean;
}

interface WebhookCall {
	workflow: Workflow;
	node: INode;
	webhook: IWebhookDescription;
	additionalData: IWorkflowExecuteAdditionalData;
	execution: Execution;
	host: OtherHost;
}

/** Calls the resume URL of a waiting execution: the steps of n8n's waiting-webhooks and webhook-helpers. */
export async function resumeByWebhook(
	waiting: WorkflowRun,
	request: WebhookRequest = {},
	signal?: AbortSignal,
	host: OtherHost = {},
): Promise<WebhookAnswer> {
	const data = savedAndLoaded(waiting.execution.data);
	const { id } = waiting.execution;
	const url = calledUrl(waiting.execution, request);
	if (url.searchParams.get(WAITING_TOKEN_QUERY_PARAM) !== data.resumeToken) {
		return { status: 401, body: { error: 'Invalid token' } };
	}
	if (isClaimed(waiting)) return conflict(`The execution "${id}" is running already.`);
	if (data.resultData.error) return conflict(`The execution "${id}" has finished with error.`);
	if (waiting.status === 'success') return conflict(`The execution "${id} has finished already.`);
	return await callNode(
		waiting,
		{ ...waiting.execution, data, resumed: true },
		url,
		request,
		host,
		signal,
	);
}

async function callNode(
	waiting: WorkflowRun,
	saved: Execution,
	url: URL,
	request: WebhookRequest,
	host: OtherHost,
	signal?: AbortSignal,
): Promise<WebhookAnswer> {
	const execution = { ...saved, workflow: structuredClone(saved.workflow) };
	const { data } = execution;
	stackEntry(data).node.disabled = true;
	data.waitTill = undefined;
	const lastNode = data.resultData.lastNodeExecuted ?? '';
	data.resultData.runData[lastNode]?.pop();

	const workflow = engineWorkflow(execution.workflow, execution.nodeTypes);
	const node = workflow.getNode(lastNode);
	const suffix = url.pathname.split(`/${execution.id}`)[1]?.replace(/^\//, '') ?? '';
	const webhook = node && restartWebhookOf(workflow, node, request.method ?? 'POST', suffix);
	if (!node || !webhook) return { status: 404, body: { message: 'No waiting webhook matches' } };

	const response = new RecordedResponse();
	const additionalData = {
		...additionalDataFor(execution.host, execution.workflow, execution),
		httpRequest: requestObject(request, url),
		httpResponse: response,
	};
	const outcome = await runWebhook({ workflow, node, webhook, additionalData, execution, host });
	const answer = answerTo(outcome, response, workflow, node, webhook);
	if (outcome.workflowData === undefined) return answer;

	const entry = stackEntry(data);
	entry.data.main = outcome.workflowData;
	entry.metadata = { ...entry.metadata, forwardAllOutputs: true };
	// Of several callbacks only one resumes the execution (docs/n8n-internals.md, "Simultaneous callbacks").
	if (host.cannotSave === true || !claim(waiting))
		return { status: 500, body: { message: 'There was a problem executing the workflow' } };
	const { result } = await startExecution(execution, signal);
	return { ...answer, run: await result };
}

interface WebhookOutcome extends IWebhookResponseData {
	thrown?: boolean;
}

async function runWebhook(call: WebhookCall): Promise<WebhookOutcome> {
	const { workflow, node, webhook, additionalData, execution, host } = call;
	const webhookData: IWebhookData = {
		httpMethod: 'POST',
		node: node.name,
		path: '',
		webhookDescription: webhook,
		workflowId: workflow.id,
		workflowExecuteAdditionalData: additionalData,
	};
	const { mode, data } = execution;
	const context = new WebhookContext(workflow, node, additionalData, mode, webhookData, [], data);
	if (host.hidesExecuteData === true) Object.assign(context, { executeData: undefined });
	const nodeType = workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
	try {
		// n8n types both kinds of node as INodeType; one of the `Node` class takes the context as its argument.
		const answer = isNodeClassInstance(nodeType)
			? await nodeType.webhook?.(context)
			: await nodeType.webhook?.call(context);
		return answer ?? {};
	} catch (error) {
		data.resultData = failedResult(node, error);
		return { thrown: true, workflowData: [[{ json: {} }]] };
	}
}

function failedResult(node: INode, error: unknown): IRunExecutionData['resultData'] {
	const { message, stack } = error instanceof Error ? error : new Error(String(error));
	// n8n too keeps the own properties of whatever was thrown, and adds the two that are not enumerable.
	const kept = { ...(error as object), message, stack } as IRunExecutionData['resultData']['error'];
	return { runData: {}, lastNodeExecuted: node.name, error: kept };
}

function answerTo(
	outcome: WebhookOutcome,
	response: RecordedResponse,
	workflow: Workflow,
	node: INode,
	webhook: IWebhookDescription,
): WebhookAnswer {
	if (outcome.thrown === true) {
		return {
			status: 500,
			body: { code: 0, message: 'Workflow Webhook Error: Workflow could not be started!' },
		};
	}
	if (outcome.noWebhookResponse === true) {
		return { status: response.statusCode, body: response.body };
	}
	const evaluate = fieldOf(workflow, node, webhook);
	const status = Number(evaluate('responseCode', '200'));
	const { workflowData } = outcome;
	// Nodes may respond with anything.
	const webhookResponse: unknown = outcome.webhookResponse;
	if (workflowData === undefined) {
		return { status, body: webhookResponse ?? { message: 'Webhook call received' } };
	}
	const responseData = evaluate('responseData', 'firstEntryJson');
	if (responseData === 'noData') return { status, body: undefined };
	const body: unknown = responseData || (webhookResponse ?? { message: 'Workflow was started' });
	return { status, body };
}

function restartWebhookOf(workflow: Workflow, node: INode, method: string, suffix: string) {
	const nodeType = workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
	return nodeType.description.webhooks?.find((webhook) => {
		const evaluate = fieldOf(workflow, node, webhook);
		const methods = evaluate('httpMethod', 'GET').split(',');
		const path = evaluate('path', '').replace(/^\/|\/$/g, '');
		return webhook.restartWebhook === true && methods.includes(method) && path === suffix;
	});
}

type WebhookField = 'responseCode' | 'responseData' | 'httpMethod' | 'path';

function fieldOf(workflow: Workflow, node: INode, webhook: IWebhookDescription) {
	const { expression } = workflow;
	return (field: WebhookField, fallback: string): string => {
		const native = resolveWebhookDescriptionField(node, webhook, field);
		// Fields that are functions are resolved natively: what is left is text, maybe with an expression.
		const text = webhook[field] as string | undefined;
		const value: unknown = native.resolved
			? native.value
			: expression.getSimpleParameterValue(node, text, 'internal', {}, undefined, fallback);
		return typeof value === 'string' || typeof value === 'number' ? String(value) : fallback;
	};
}

function calledUrl({ id, host, data }: Execution, request: WebhookRequest): URL {
	if (request.url !== undefined) return new URL(request.url);
	const url = new URL(`${host.publicUrl ?? defaultPublicUrl}/webhook-waiting/${id}`);
	url.searchParams.set(WAITING_TOKEN_QUERY_PARAM, data.resumeToken ?? '');
	return url;
}

function conflict(message: string): WebhookAnswer {
	return { status: 409, body: { code: 409, message } };
}
