import type { Credentials } from '../../../nodes/Pika/api/credentials';
import { activationProblem } from '../../../nodes/Pika/trigger/activation';

const settings = { baseUrl: 'https://api.useapi.net', apiToken: 'user:1' };
const sandbox = { ...settings, baseUrl: 'http://127.0.0.1:4010' };
const PUBLIC = 'https://n8n.example.com/webhook/1/pika';
const LOOPBACK = 'http://localhost:5678/webhook/1/pika';

describe('activationProblem', () => {
	it.each([
		['without a token', settings, false, undefined],
		['with a token', { ...settings, callbackToken: 's' }, true, undefined],
		['that is the default of a public n8n', settings, false, PUBLIC],
		['that is the default on this machine, with the sandbox', sandbox, false, LOOPBACK],
		[
			'that is the default in this network, with the sandbox',
			sandbox,
			false,
			'http://192.168.1.4:5678/a',
		],
		['on this machine that is not the default', settings, false, undefined],
	])('activationProblem finds no problem in a trigger %s', (_what, credential, needsToken, url) => {
		expect(activationProblem(credential, needsToken, url)).toBeUndefined();
	});

	it.each<[string, Credentials, boolean, string | undefined, string]>([
		['a missing API token', { ...settings, apiToken: '' }, false, undefined, 'API token'],
		['an unsafe base URL', { ...settings, baseUrl: 'http://a.example' }, false, PUBLIC, 'https://'],
		['a missing callback token', settings, true, undefined, 'callback token'],
		[
			'an empty callback token',
			{ ...settings, callbackToken: '' },
			true,
			undefined,
			'callback token',
		],
		['an n8n that cannot be reached', settings, false, LOOPBACK, 'cannot call this n8n'],
		...[
			'http://192.168.1.4:5678',
			'http://10.1.2.3:5678',
			'http://100.64.0.1:5678',
			'http://n8n.localhost:5678',
			'http://[::]:5678',
			'http://[::ffff:192.168.1.4]:5678',
			'http://n8n:5678',
			'https://n8n.local',
		].map((host): [string, Credentials, boolean, string, string] => [
			`an n8n at ${host}`,
			settings,
			false,
			`${host}/webhook/1/pika`,
			'cannot call this n8n',
		]),
	])(
		'activationProblem describes %s and what to do',
		(_what, credential, needsToken, url, words) => {
			const fault = activationProblem(credential, needsToken, url);
			expect(fault?.message).toContain(words);
			expect(fault?.description).toMatch(/\.$/);
		},
	);
});
