import { getAdditionalKeys } from 'n8n-core';
import {
	ICredentialsHelper,
	isExpression,
	NodeHelpers,
	UnexpectedError,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type ICredentialsExpressionResolveValues,
	type ICredentialType,
	type IDataObject,
	type IExecuteData,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialsDetails,
	type INodeProperties,
	type IWorkflowExecuteAdditionalData,
	type Workflow,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

/** Stored credentials by ID or, if a workflow has one of a type, by type. */
export type StoredCredentials = Record<string, ICredentialDataDecryptedObject>;

/** Supplies credentials and applies them to requests as the helper of the `n8n` package does. */
export class CredentialsHelper extends ICredentialsHelper {
	constructor(
		private readonly types: readonly ICredentialType[],
		private readonly stored: StoredCredentials,
	) {
		super();
	}

	getParentTypes(name: string): string[] {
		const parents = this.find(name)?.extends ?? [];
		return [...parents, ...parents.flatMap((parent) => this.getParentTypes(parent))];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		requestOptions: IHttpRequestOptions,
		workflow?: Workflow,
		node?: INode,
	): Promise<IHttpRequestOptions> {
		const authenticate = this.find(typeName)?.authenticate;
		if (authenticate === undefined) return requestOptions;
		if (typeof authenticate === 'function') return await authenticate(credentials, requestOptions);
		if (workflow === undefined || node === undefined) {
			throw new UnexpectedError('Declarative authentication needs a workflow and a node');
		}
		const keys = { $credentials: credentials };
		const resolve = (value: unknown) =>
			isExpression(value)
				? String(
						workflow.expression.getSimpleParameterValue(
							node,
							value,
							'internal',
							keys,
							undefined,
							'',
						) ?? '',
					)
				: value;
		for (const [part, values] of Object.entries(authenticate.properties)) {
			// A part is `headers`, `qs`, `body` or `auth`; n8n adds its entries to those of the request.
			const present = (requestOptions as unknown as IDataObject)[part] as IDataObject | undefined;
			const merged: Record<string, unknown> = { ...present };
			for (const [key, value] of Object.entries(values as IDataObject)) {
				merged[String(resolve(key))] = resolve(value);
			}
			Object.assign(requestOptions, { [part]: merged });
		}
		return requestOptions;
	}

	preAuthentication(): Promise<undefined> {
		return Promise.resolve<undefined>(undefined);
	}

	async runPreAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
	) {
		const output = await this.find(typeName)?.preAuthentication?.call(helpers, credentials);
		// n8n types the result of the hook more loosely than its possible content.
		return output as ICredentialDataDecryptedObject | undefined;
	}

	async getCredentials(): Promise<ICredentials> {
		return await Promise.reject(new UnexpectedError('Encrypted credentials are not kept in tests'));
	}

	async getDecrypted(
		additionalData: IWorkflowExecuteAdditionalData,
		details: INodeCredentialsDetails,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		raw?: boolean,
		resolveValues?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		const stored = this.stored[details.id ?? ''] ?? this.stored[type];
		if (stored === undefined) {
			return await Promise.reject(
				new UnexpectedError(
					`Credential with ID "${details.id ?? ''}" does not exist for type "${type}".`,
				),
			);
		}
		if (raw === true) return stored;
		const properties = this.getCredentialsProperties(type);
		// n8n has separate types for node parameters and credential data, but passes the one as the other.
		const complete = (NodeHelpers.getNodeParameters(
			properties,
			stored as Parameters<typeof NodeHelpers.getNodeParameters>[1],
			true,
			false,
			null,
			null,
		) ?? {}) as ICredentialDataDecryptedObject;
		if (resolveValues === undefined) return complete;
		const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } =
			resolveValues;
		return workflow.expression.getParameterValue(
			complete as Parameters<typeof workflow.expression.getParameterValue>[0],
			runExecutionData,
			runIndex,
			itemIndex,
			node.name,
			connectionInputData,
			mode,
			getAdditionalKeys(additionalData, mode, null, { isCredential: true }),
			executeData,
			false,
			{},
		) as ICredentialDataDecryptedObject;
	}

	async updateCredentials(): Promise<void> {
		await Promise.reject(new UnexpectedError('Credentials are not changed in tests'));
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		await this.updateCredentials();
	}

	getCredentialsProperties(type: string): INodeProperties[] {
		return [type, ...this.getParentTypes(type)].flatMap(
			(name) => this.find(name)?.properties ?? [],
		);
	}

	private find(name: string): ICredentialType | undefined {
		return this.types.find((type) => type.name === name);
	}
}
