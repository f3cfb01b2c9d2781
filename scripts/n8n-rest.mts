import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Execution, executionSchema } from './execution.mts';
import {
	countSchema,
	executionsSchema,
	listSchema,
	listeningSchema,
	locatedSchema,
	refusalSchema,
	savedDataSchema,
	savedSchema,
	settingsSchema,
	startedSchema,
	storedWorkflowSchema,
	testedSchema,
	versionSchema,
	workflowSchema,
} from './n8n-answers.mts';
import type { Owner } from './n8n-owner.mts';
import type { CredentialReference, Workflow } from './workflow-file.mts';

export interface Credential {
	name: string;
	type: string;
	data: Record<string, unknown>;
}

export interface WaitOptions {
	withinSeconds?: number;
	/** The statuses that end the wait. Default: all in which an execution has ended. */
	until?: string[];
	/** The interval between reads, each of which transfers the data of the execution. */
	everyMilliseconds?: number;
	signal?: AbortSignal;
}

const OVER = ['success', 'error', 'crashed', 'canceled'];

/** Undefined if the response is not JSON, such as an error page of a proxy. */
function parsedAnswer(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** The calls that n8n's own editor makes. They are not a public API: written for 2.41, tried with 2.0 too, and the only place that knows them. */
export class N8nRest {
	#cookie = '';

	/** n8n binds the session to it, so it stays the same for all calls. */
	readonly #browserId = randomUUID();

	readonly #baseUrl: string;

	private constructor(baseUrl: string) {
		this.#baseUrl = baseUrl;
	}

	/** Creates the owner on an n8n that has none yet, else signs in as the owner. */
	static async signIn(baseUrl: string, { email, password }: Owner): Promise<N8nRest> {
		const rest = new N8nRest(baseUrl);
		await rest.#untilReady();
		const settings = await rest.#call(settingsSchema, 'GET', '/rest/settings');
		if (settings.data.userManagement.showSetupOnFirstLoad) {
			const owner = { email, password, firstName: 'Sandbox', lastName: 'Owner' };
			await rest.#call(z.unknown(), 'POST', '/rest/owner/setup', owner);
		} else {
			await rest.#call(z.unknown(), 'POST', '/rest/login', { emailOrLdapLoginId: email, password });
		}
		return rest;
	}

	/** n8n before 2.4x reports that it is ready before these paths exist. */
	async #untilReady(withinSeconds = 60): Promise<void> {
		const deadline = Date.now() + withinSeconds * 1000;
		for (;;) {
			const response = await this.#fetch('GET', '/rest/settings');
			await response.body?.cancel();
			if (response.ok || Date.now() > deadline) return;
			await wait(250);
		}
	}

	/** Creates the credential, or updates the one with that name and type. */
	async saveCredential(credential: Credential): Promise<string> {
		const { data: existing } = await this.#call(listSchema, 'GET', '/rest/credentials');
		const id = existing.find(
			({ name, type }) => name === credential.name && type === credential.type,
		)?.id;
		return await this.#save('/rest/credentials', id, credential);
	}

	/** Creates the workflow, or replaces the one with that name. `tags` contains tag IDs. */
	async saveWorkflow(workflow: Workflow, tags?: string[]): Promise<string> {
		const { name, nodes, connections, settings } = workflow;
		const id = await this.#idOfWorkflow(name);
		const content = { name, nodes, connections, settings, tags };
		// n8n 2.0 requires this property.
		return await this.#save('/rest/workflows', id, id ? content : { ...content, active: false });
	}

	/** The workflow with that name, unless it is archived. */
	async findWorkflow(name: string): Promise<Workflow | undefined> {
		const id = await this.#idOfWorkflow(name);
		if (id === undefined) return undefined;
		return (await this.#call(storedWorkflowSchema, 'GET', `/rest/workflows/${id}`)).data;
	}

	/** The ID of the tag with that name, which is created if necessary. */
	async provideTag(name: string): Promise<string> {
		const { data: existing } = await this.#call(listSchema, 'GET', '/rest/tags');
		const id = existing.find((tag) => tag.name === name)?.id;
		return id ?? (await this.#call(savedSchema, 'POST', '/rest/tags', { name })).data.id;
	}

	/** The entries that the editor shows in the list of a resource locator. */
	async listOf(nodeType: string, methodName: string, credential: CredentialReference) {
		const { id, name, type } = credential;
		const path = '/rest/dynamic-node-parameters/resource-locator-results';
		const { data } = await this.#call(locatedSchema, 'POST', path, {
			methodName,
			path: 'parameters.list',
			nodeTypeAndVersion: { name: nodeType, version: 2 },
			currentNodeParameters: {},
			credentials: { [type]: { id, name } },
		});
		return data.results;
	}

	/** Tests credential data as the editor does when they are saved. */
	async testCredential(
		/** n8n 2.0 tests only saved credentials: it requires the ID, but uses the given data. */
		credential: Credential & { id?: string },
	): Promise<{ status: string; message: string }> {
		const credentials = { id: '', ...credential };
		return (await this.#call(testedSchema, 'POST', '/rest/credentials/test', { credentials })).data;
	}

	/** Installs a community package from npm, as the editor's settings do. */
	async installCommunityPackage(name: string): Promise<void> {
		await this.#call(z.unknown(), 'POST', '/rest/community-packages', { name });
	}

	async activate(workflowId: string): Promise<void> {
		const path = `/rest/workflows/${workflowId}`;
		const { versionId } = (await this.#call(versionSchema, 'GET', path)).data;
		await this.#call(z.unknown(), 'POST', `${path}/activate`, { versionId });
	}

	async deactivate(workflowId: string): Promise<void> {
		await this.#call(z.unknown(), 'POST', `/rest/workflows/${workflowId}/deactivate`, {});
	}

	/** Listens on the test URL of a webhook trigger for one call, as the editor's button does. */
	async listen(workflowId: string, triggerName: string): Promise<void> {
		await this.#run(listeningSchema, workflowId, triggerName);
	}

	/**
	 * Calls a production webhook, again while it is 404: n8n answers an activation before the webhook is registered.
	 * In queue mode another process can be the one that is called.
	 */
	async callWebhook(
		path: string,
		request: RequestInit,
		{ withinSeconds = 30, baseUrl = this.#baseUrl } = {},
	): Promise<Response> {
		const deadline = Date.now() + withinSeconds * 1000;
		for (;;) {
			const response = await fetch(`${baseUrl}/webhook/${path}`, request);
			if (response.status !== 404 || Date.now() > deadline) return response;
			await wait(250);
		}
	}

	/** Runs a workflow as the editor's button does, and gives the execution's id at once; `item` is what a chat message gives. */
	async run(workflowId: string, triggerName: string, item?: object): Promise<string> {
		return (await this.#run(startedSchema, workflowId, triggerName, item)).data.executionId;
	}

	async waitForExecution(
		executionId: string,
		{ withinSeconds = 120, until = OVER, everyMilliseconds = 300, signal }: WaitOptions = {},
	): Promise<Execution> {
		const deadline = Date.now() + withinSeconds * 1000;
		for (;;) {
			const execution = await this.#call(executionSchema, 'GET', `/rest/executions/${executionId}`);
			if (until.includes(execution.status)) return execution;
			if (Date.now() > deadline) {
				throw new Error(
					`Execution ${executionId} is still "${execution.status}" after ${withinSeconds} seconds.`,
				);
			}
			await wait(everyMilliseconds, undefined, { signal });
		}
	}

	/** As the editor's "Stop" does. */
	async stopExecution(executionId: string): Promise<void> {
		await this.#call(z.unknown(), 'POST', `/rest/executions/${executionId}/stop`, {});
	}

	/** As the editor's "Retry" does; gives the new execution's id when that has ended or waits. */
	async retryExecution(executionId: string, { loadWorkflow = false } = {}): Promise<string> {
		const path = `/rest/executions/${executionId}/retry`;
		const retried = await this.#call(savedSchema, 'POST', path, { loadWorkflow });
		return retried.data.id;
	}

	/** The ids of a workflow's executions, the newest first, a hundred at most. */
	async executionsOf(workflowId: string): Promise<string[]> {
		return await this.#idsOfExecutions({ workflowId });
	}

	/** The ids of the executions of all workflows that run or wait, a hundred at most. */
	async unfinishedExecutions(): Promise<string[]> {
		return await this.#idsOfExecutions({ status: ['new', 'running', 'waiting'] });
	}

	/** The number of executions of a workflow with one of these statuses. */
	async countExecutions(workflowId: string, statuses: readonly string[]): Promise<number> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId, status: statuses }));
		return (await this.#call(countSchema, 'GET', `/rest/executions?filter=${filter}`)).data.count;
	}

	/** When the last of a workflow's newest hundred executions ended, in milliseconds since 1970. */
	async lastStop(workflowId: string): Promise<number> {
		const executions = await this.#executions({ workflowId });
		return Math.max(...executions.map(({ stoppedAt }) => Date.parse(stoppedAt ?? '')));
	}

	/** The size of an execution's saved data in characters. */
	async sizeOfExecution(executionId: string): Promise<number> {
		const path = `/rest/executions/${executionId}`;
		return (await this.#call(savedDataSchema, 'GET', path)).data.data.length;
	}

	/** The bytes with this ID in n8n's binary store, unless the store is in memory. */
	async readBinary(id: string): Promise<Buffer> {
		const path = `/rest/binary-data?action=download&id=${encodeURIComponent(id)}`;
		const response = await this.#fetch('GET', path);
		if (!response.ok) throw new Error(`n8n answered ${response.status} to GET ${path}`);
		return Buffer.from(await response.arrayBuffer());
	}

	async #idOfWorkflow(wanted: string): Promise<string | undefined> {
		const { data: existing } = await this.#call(listSchema, 'GET', '/rest/workflows');
		return existing.find(({ name, isArchived }) => name === wanted && !isArchived)?.id;
	}

	async #idsOfExecutions(filter: object): Promise<string[]> {
		const executions = await this.#executions(filter);
		// n8n reads those that run and those that are over side by side: one that ends meanwhile is in both.
		return [...new Set(executions.map(({ id }) => id))];
	}

	async #executions(filter: object) {
		const path = `/rest/executions?limit=100&filter=${encodeURIComponent(JSON.stringify(filter))}`;
		return (await this.#call(executionsSchema, 'GET', path)).data.results;
	}

	async #run<T>(
		schema: z.ZodType<T, z.ZodTypeDef, unknown>,
		workflowId: string,
		triggerName: string,
		item?: object,
	): Promise<T> {
		const path = `/rest/workflows/${workflowId}`;
		// Newer n8n runs the saved workflow. 2.0 requires it in the request.
		const { data: workflowData } = await this.#call(workflowSchema, 'GET', path);
		const run = { startTime: Date.now(), executionIndex: 0, executionTime: 0, source: [] };
		const data = item && { ...run, data: { main: [[{ json: item }]] } };
		const start = { workflowData, triggerToStartFrom: { name: triggerName, data } };
		return await this.#call(schema, 'POST', `${path}/run`, start);
	}

	async #save(path: string, id: string | undefined, body: object): Promise<string> {
		const saved = id
			? await this.#call(savedSchema, 'PATCH', `${path}/${id}`, body)
			: await this.#call(savedSchema, 'POST', path, body);
		return saved.data.id;
	}

	/** Errors contain the call and n8n's response, but never the request, which may contain a password or a token. */
	async #call<T>(
		schema: z.ZodType<T, z.ZodTypeDef, unknown>,
		method: string,
		path: string,
		body?: object,
	): Promise<T> {
		const response = await this.#fetch(method, path, body);
		const session = response.headers.getSetCookie().find((text) => text.startsWith('n8n-auth='));
		if (session) this.#cookie = session.split(';')[0] ?? '';
		const answer = parsedAnswer(await response.text());
		if (!response.ok) {
			const refusal = refusalSchema.safeParse(answer);
			const reason = refusal.success ? refusal.data.message : response.statusText;
			throw new Error(`n8n answered ${response.status} to ${method} ${path}: ${reason}`);
		}
		const read = schema.safeParse(answer);
		if (!read.success) {
			const places = read.error.issues
				.map(({ path: keys }) => keys.join('.') || '(all)')
				.join(', ');
			throw new Error(`n8n's answer to ${method} ${path} is not as in 2.41, see: ${places}`);
		}
		return read.data;
	}

	async #fetch(method: string, path: string, body?: object): Promise<Response> {
		return await fetch(this.#baseUrl + path, {
			method,
			headers: {
				'browser-id': this.#browserId,
				...(this.#cookie && { cookie: this.#cookie }),
				...(body && { 'content-type': 'application/json' }),
			},
			body: body && JSON.stringify(body),
			// Reading an execution with a large file can take long on a busy machine.
			signal: AbortSignal.timeout(180_000),
		});
	}
}
