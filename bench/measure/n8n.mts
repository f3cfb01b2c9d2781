import { findFreePort } from '../../scripts/free-port.mts';
import type { N8nInstallation } from '../../scripts/n8n-install.mts';
import { type N8nProcess, startN8n } from '../../scripts/n8n-process.mts';
import { N8nRest } from '../../scripts/n8n-rest.mts';
import { n8nOwnerOf } from '../../scripts/n8n-owner.mts';
import type { CredentialReference } from '../../scripts/workflow-file.mts';
import { Inspector } from '../../scripts/inspector.mts';
import type { SandboxProcess } from './sandbox-process.mts';

export interface MeasuredN8n extends N8nProcess {
	rest: N8nRest;
	inspector: Inspector;
	/** For the nodes of the package. */
	credential: CredentialReference;
	/** For n8n's own HTTP Request node: the same token. */
	bearer: CredentialReference;
}

export interface MeasuredN8nOptions {
	installation: N8nInstallation;
	/** With the package in it. What another n8n has left there is used again, so that only the first start migrates. */
	userFolder: string;
	sandbox: SandboxProcess;
	env?: Record<string, string>;
}

/** Saves a sandbox's credentials, for the nodes of the package and for n8n's own. */
export async function credentialsFor(
	rest: N8nRest,
	{ apiToken, baseUrl }: Pick<SandboxProcess, 'apiToken' | 'baseUrl'>,
	name: string,
) {
	const pika = { name, type: 'useApiPikaApi', data: { apiToken, baseUrl } };
	const bearer = { name, type: 'httpBearerAuth', data: { token: apiToken } };
	const save = async ({ data, ...plain }: typeof pika | typeof bearer) => ({
		...plain,
		id: await rest.saveCredential({ ...plain, data }),
	});
	return { pika: await save(pika), bearer: await save(bearer) };
}

/** Starts an n8n whose garbage can be collected and whose work can be profiled, with credentials for the sandbox. */
export async function startMeasuredN8n({
	installation,
	userFolder,
	sandbox,
	env,
}: MeasuredN8nOptions): Promise<MeasuredN8n> {
	const inspectorPort = await findFreePort();
	const { NODE_OPTIONS = '', ...others } = env ?? {};
	const n8n = await startN8n({
		installation,
		userFolder,
		env: {
			// Under load, n8n otherwise considers its database lost and responds with 503.
			DB_PING_TIMEOUT_MS: '60000',
			NODE_OPTIONS: `${NODE_OPTIONS} --inspect=127.0.0.1:${inspectorPort}`.trim(),
			...others,
		},
	});
	try {
		const rest = await N8nRest.signIn(n8n.baseUrl, await n8nOwnerOf(userFolder));
		const { pika, bearer } = await credentialsFor(rest, sandbox, 'Sandbox');
		const inspector = new Inspector(inspectorPort);
		return { ...n8n, rest, inspector, credential: pika, bearer };
	} catch (error) {
		await n8n.stop();
		throw error;
	}
}
