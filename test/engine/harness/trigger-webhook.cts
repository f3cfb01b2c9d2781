import './environment.cts';

import { HookContext, WebhookContext } from 'n8n-core';
import {
	createRunExecutionData,
	NodeHelpers,
	type IHookFunctions,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IWebhookData,
	type IWebhookResponseData,
	type IWorkflowBase,
	type WebhookSetupMethodNames,
	type Workflow,
	type WorkflowActivateMode,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { additionalDataFor, type HostOptions } from './additional-data.cts';
import { newExecutionId, startExecution, type WorkflowRun } from './run.cts';
import { RecordedResponse, requestObject, type WebhookRequest } from './webhook-http.cts';
import {
	engineWorkflow,
	type NodeTypesByName,
	startNodeOf,
	workflowFrom,
	type WorkflowOptions,
} from './workflow.cts';

export interface TriggerOptions extends WorkflowOptions, HostOptions {
	/** The processes that run the executions in turn, as n8n's workers do; by default, the process that was called. */
	workers?: readonly NodeTypesByName[];
}

/** A call of the trigger's URL. */
export interface TriggerRequest extends WebhookRequest {
	/** The body of a request without a content type, which n8n reads only if requested. */
	raw?: string;
}

export interface TriggerAnswer {
	status: number;
	body: unknown;
	/** The items that webhook() returned. */
	items: INodeExecutionData[];
	/** The execution that the call started. */
	run?: WorkflowRun;
}

type WebhookSetupMethods = Record<
	WebhookSetupMethodNames,
	(this: IHookFunctions) => Promise<boolean>
>;

interface Listening {
	mode: WorkflowExecuteMode;
	isTest: boolean;
}

const LIVE: Listening = { mode: 'webhook', isTest: false };
const TEST: Listening = { mode: 'manual', isTest: true };

/** A workflow that begins with a webhook, stored as in n8n's database and run as n8n's webhook service and helpers do it. */
export class TriggerWorkflow {
	readonly stored: IWorkflowBase;

	private executions = 0;

	constructor(private readonly options: TriggerOptions) {
		this.stored = workflowFrom(options, Object.keys(options.credentials ?? {}));
	}

	/** Node types and credentials of another process, or of the same one later, on the same database. */
	in(
		options: Partial<Pick<TriggerOptions, 'nodeTypes' | 'credentials' | 'publicUrl' | 'workers'>>,
	) {
		const other = new TriggerWorkflow({ ...this.options, ...options });
		return Object.assign(other, { stored: this.stored });
	}

	/** Changes parameters of the trigger, as in a new version of the workflow. */
	change(parameters: INode['parameters']): void {
		const { node } = this.load();
		for (const stored of this.stored.nodes) {
			if (stored.name === node.name) stored.parameters = { ...stored.parameters, ...parameters };
		}
	}

	async publish(): Promise<void> {
		await this.hook('create', { mode: 'trigger', isTest: false }, 'activate');
	}

	async unpublish(): Promise<void> {
		await this.hook('delete', { mode: 'internal', isTest: false }, 'update');
	}

	async listen(): Promise<void> {
		await this.hook('create', TEST, 'manual');
	}

	async stopListening(): Promise<void> {
		await this.hook('delete', { mode: 'internal', isTest: true }, 'update');
	}

	async call(request: TriggerRequest = {}): Promise<TriggerAnswer> {
		return await this.deliver(request, LIVE);
	}

	/** A call of the test URL, while the editor listens. */
	async callTest(request: TriggerRequest = {}): Promise<TriggerAnswer> {
		return await this.deliver(request, TEST);
	}

	private async hook(
		method: WebhookSetupMethodNames,
		listening: Listening,
		activation: WorkflowActivateMode,
	): Promise<void> {
		const { workflow, node, nodeType, additionalData, webhook } = this.load(listening);
		const context = new HookContext(
			workflow,
			node,
			additionalData,
			listening.mode,
			activation,
			webhook,
		);
		const methods: Partial<WebhookSetupMethods> = nodeType.webhookMethods?.default ?? {};
		if (method === 'create' && (await methods.checkExists?.call(context)) === true) return;
		await methods[method]?.call(context);
		if (!listening.isTest) this.save(workflow);
	}

	private async deliver(request: TriggerRequest, listening: Listening): Promise<TriggerAnswer> {
		const { workflow, node, nodeType, additionalData, webhook } = this.load(listening);
		const response = new RecordedResponse();
		const url = new URL(request.url ?? `${additionalData.webhookBaseUrl}/${node.id}/pika`);
		const called = requestObject(request, url);
		if (request.raw !== undefined) {
			const rawBody = Buffer.from(request.raw);
			const readRawBody = async () => {
				await Promise.resolve();
				Object.assign(called, { rawBody });
			};
			Object.assign(called, { body: undefined, rawBody: undefined, headers: {}, readRawBody });
		}
		Object.assign(additionalData, { httpRequest: called, httpResponse: response });
		const context = new WebhookContext(
			workflow,
			node,
			additionalData,
			listening.mode,
			webhook,
			[],
			null,
		);
		const outcome = (await nodeType.webhook?.call(context)) ?? {};
		// With items, n8n saves static data only if the node has answered itself (docs/n8n-internals.md, "Static data").
		const isSaved = outcome.noWebhookResponse === true || outcome.workflowData === undefined;
		if (isSaved && !listening.isTest) this.save(workflow);
		const answer = { status: response.statusCode, body: response.body };
		if (outcome.workflowData === undefined) return { ...answer, items: [] };
		const run = await this.execute(outcome.workflowData, listening);
		return { ...answer, items: outcome.workflowData.flat(), run };
	}

	private async execute(
		main: NonNullable<IWebhookResponseData['workflowData']>,
		{ mode }: Listening,
	): Promise<WorkflowRun> {
		const { node } = this.load();
		const { nodeTypes, workers = [] } = this.options;
		const worker = workers[this.executions % workers.length];
		this.executions += 1;
		const { result } = await startExecution({
			id: newExecutionId(),
			mode,
			resumed: false,
			workflow: structuredClone(this.stored),
			nodeTypes: worker ?? nodeTypes,
			host: this.options,
			data: createRunExecutionData({
				executionData: { nodeExecutionStack: [{ node, data: { main }, source: null }] },
			}),
		});
		return await result;
	}

	/** Every delivery and every hook loads the workflow again, with its own copy of the static data. */
	private load({ mode, isTest }: Listening = LIVE) {
		const stored = structuredClone(this.stored);
		const workflow = engineWorkflow(stored, this.options.nodeTypes);
		const node = startNodeOf(workflow);
		const nodeType: INodeType = workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
		const additionalData = additionalDataFor(this.options, stored, {
			id: '',
			mode,
			resumed: false,
		});
		additionalData.executionId = undefined;
		const [webhookDescription] = nodeType.description.webhooks ?? [];
		if (webhookDescription === undefined) throw new Error(`${node.name} has no webhook`);
		const webhook: IWebhookData = {
			httpMethod: 'POST',
			node: node.name,
			path: NodeHelpers.getNodeWebhookPath(workflow.id, node, webhookDescription.path, false),
			webhookDescription,
			workflowId: workflow.id,
			workflowExecuteAdditionalData: additionalData,
			isTest,
		};
		return { workflow, node, nodeType, additionalData, webhook };
	}

	/** n8n writes all static data, so the last writer wins. */
	private save({ staticData }: Workflow): void {
		if (staticData.__dataChanged !== true) return;
		this.stored.staticData = JSON.parse(JSON.stringify(staticData)) as typeof staticData;
	}
}
