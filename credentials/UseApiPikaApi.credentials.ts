import {
	type ICredentialDataDecryptedObject,
	type ICredentialTestRequest,
	type ICredentialType,
	type IHttpRequestOptions,
	type INodeProperties,
	type Icon,
	UserError,
} from 'n8n-workflow';

import { assertMayCarryToken } from '../nodes/Pika/api/baseUrl';
import { parseCredentials, tokenProblem } from '../nodes/Pika/api/credentials';
import { UNSEEN } from '../nodes/Pika/api/pasted';

export class UseApiPikaApi implements ICredentialType {
	name = 'useApiPikaApi';

	displayName = 'useapi.net Pika API';

	icon: Icon = { light: 'file:../nodes/Pika/pika.svg', dark: 'file:../nodes/Pika/pika.dark.svg' };

	documentationUrl = 'https://useapi.net/docs/start-here/setup-useapi';

	properties: INodeProperties[] = [
		{
			displayName: 'API Token',
			name: 'apiToken',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'e.g. user:12345-abcdefghijklmnop',
			description: 'The whole useapi.net API token, including "user:"',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: 'https://api.useapi.net',
			description:
				'Where the API is. useapi.net has announced that it withdrew its Pika API; to build and try workflows, start the sandbox that comes with this package and put the URL that it prints here. Must begin with https:// unless it is on this machine.',
		},
		{
			displayName: 'Discord Token',
			name: 'discordToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Only needed to use a Discord account that is not configured at useapi.net. It is sent together with the channel below and never with a channel chosen in a node. Whoever has it has full access to that Discord account.',
		},
		{
			displayName: 'Discord Channel ID',
			name: 'channel',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1163104783924957235',
			description:
				'Default channel for every job. Leave empty to let useapi.net pick one of your configured accounts.',
		},
		{
			displayName: 'Maximum Jobs',
			name: 'maxJobs',
			type: 'number',
			typeOptions: { minValue: 0, numberPrecision: 0 },
			default: 0,
			hint: '0 takes the value that is configured for the channel at useapi.net, 10 where there is none',
			description: 'Default for how many jobs run in parallel on the channel',
		},
		{
			displayName: 'Reply URL',
			name: 'replyUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://n8n.example.com/webhook/…',
			description: 'Default callback URL for every job, at most 1024 characters',
		},
		{
			displayName: 'Callback Token',
			name: 'callbackToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'A secret of your own that callbacks to a Pika Trigger must carry as ?token=… when its authentication is set to Token',
		},
	];

	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const url = `${requestOptions.baseURL ?? ''}${requestOptions.url}`;
		const settings = parseCredentials(credentials);
		const problem = tokenProblem(settings);
		if (problem) throw new UserError(problem);
		assertMayCarryToken(settings.baseUrl, url);
		return {
			...requestOptions,
			headers: {
				...requestOptions.headers,
				Authorization: `Bearer ${settings.apiToken}`,
			},
		};
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: `={{$credentials.baseUrl.replace(/${UNSEEN}/gu, "").replace(/\\/+$/, "")}}`,
			url: '/v2/account',
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message: 'The API token is not accepted. Paste the whole token, including "user:".',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 404,
					message: 'The base URL answers, but not as useapi.net does. Check it.',
				},
			},
		],
	};
}
