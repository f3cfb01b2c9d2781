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
import { credentialsProblem, parseCredentials } from '../nodes/Pika/api/credentials';
import { UNSEEN } from '../nodes/Pika/api/pasted';

const NOT_THE_API =
	'A server answers at the base URL, but not as useapi.net does. Enter the base URL that the sandbox prints, such as http://127.0.0.1:4010.';

type TestRule = NonNullable<ICredentialTestRequest['rules']>[number];

const testRules: TestRule[] = [
	{
		type: 'responseCode',
		properties: {
			value: 401,
			message: 'The API token is not accepted. Check it, and paste all of it, from "user:" on.',
		},
	},
	{
		type: 'responseCode',
		properties: {
			value: 404,
			message: NOT_THE_API,
		},
	},
	{
		type: 'responseSuccessBody',
		// n8n compares the value of the key with this one: an account without it is none of useapi.net.
		properties: { key: 'email', value: undefined, message: NOT_THE_API },
	},
];

export class UseApiPikaApi implements ICredentialType {
	name = 'useApiPikaApi';

	displayName = 'useapi.net Pika API';

	icon: Icon = { light: 'file:../nodes/Pika/pika.svg', dark: 'file:../nodes/Pika/pika.dark.svg' };

	documentationUrl = 'https://useapi.net/docs/start-here/setup-useapi';

	properties: INodeProperties[] = [
		{
			displayName:
				'useapi.net has announced that it withdrew its Pika API, so do not expect the default base URL to work. To build and try workflows, start the <b>sandbox</b> of <a href="https://github.com/n8n-nodes-useapi-pika/n8n-nodes-useapi-pika#readme" target="_blank">this package</a>, and enter the API token and the base URL that it prints.',
			name: 'withdrawnNotice',
			type: 'notice',
			default: '',
		},
		{
			displayName: 'API Token',
			name: 'apiToken',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'e.g. user:12345-abcdefghijklmnop',
			description: 'The complete useapi.net API token, including "user:"',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: 'https://api.useapi.net',
			hint: 'If the test says ECONNREFUSED: start the server or check the port. EPROTO: write http://. ENOTFOUND: check the name.',
			description:
				'The server of the API, without /v1/pika. Must begin with https:// unless it is on this machine.',
		},
		{
			displayName: 'Allow Plain HTTP (Insecure)',
			name: 'allowPlainHttp',
			type: 'boolean',
			default: false,
			hint: 'Not needed for 127.0.0.1. Whoever can listen in the network can read the tokens, images and videos.',
			description:
				'Whether the base URL may begin with http:// although the server is not on this machine',
		},
		{
			displayName: 'Discord Token',
			name: 'discordToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'useapi.net runs Pika through a Discord account. Enter its token only if the account is not configured at useapi.net. The token is sent with the channel below, not with a channel chosen in a node. Whoever has it has full access to that Discord account.',
		},
		{
			displayName: 'Discord Channel ID',
			name: 'channel',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1163104783924957235',
			description:
				'Default channel for every job. In Discord, open your direct messages with the Pika bot: the channel ID is the number at the end of the address. Leave empty to let useapi.net pick one of the Discord accounts that you configured there.',
		},
		{
			displayName: 'Maximum Jobs',
			name: 'maxJobs',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 10, numberPrecision: 0 },
			default: 0,
			hint: '0 uses the limit that is configured at useapi.net, or 10 if there is none',
			description:
				'Default limit for the jobs that run at the same time on the channel or, without one, on all your Discord accounts together',
		},
		{
			displayName: 'Reply URL',
			name: 'replyUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://n8n.example.com/webhook/…',
			description:
				'Default for the reply URL of every job: useapi.net calls it when the job ends. At most 1024 characters.',
		},
		{
			displayName: 'Callback Token',
			name: 'callbackToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'A secret that you make up, preferably of letters and digits only. If the authentication of a Pika Trigger is Token, its reply URL must end in ?token= and this secret. After changing it, publish the workflow of the trigger again.',
		},
	];

	authenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const url = `${requestOptions.baseURL ?? ''}${requestOptions.url}`;
		const settings = parseCredentials(credentials);
		const problem = credentialsProblem(settings);
		if (problem) throw new UserError(problem);
		assertMayCarryToken(settings, url);
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
		// n8n applies rules of both kinds, although its type allows only one kind in a list.
		rules: testRules as Array<Extract<TestRule, { type: 'responseCode' }>>,
	};
}
