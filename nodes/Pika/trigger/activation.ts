import { baseUrlProblem } from '../api/baseUrl';
import { isOutOfReach } from '../api/privateHost';
import type { Failure } from '../results/failures';
import { type Credentials, credentialsProblem } from '../api/credentials';

const CORRECT_CREDENTIAL = 'Open the credential of this node, and correct it.';

function isUnreachable(url: string, settings: Credentials): boolean {
	if (baseUrlProblem(settings) || !URL.canParse(url)) return false;
	return isOutOfReach(new URL(url), new URL(settings.baseUrl));
}

/**
 * Why a trigger must not be published with these settings; undefined if it may be. `defaultUrl` is the URL that is to
 * become the default of the account, if there is one.
 */
export function activationProblem(
	settings: Credentials,
	needsToken: boolean,
	defaultUrl?: string,
): Failure | undefined {
	const fault = credentialsProblem(settings);
	if (fault) return { message: fault, description: CORRECT_CREDENTIAL };
	if (needsToken && !settings.callbackToken) {
		const message = 'Authentication is set to Token, but the credential has no callback token';
		return {
			message,
			description: 'Fill in "Callback Token" in the credential, or set "Authentication" to "None".',
		};
	}
	if (!defaultUrl || !isUnreachable(defaultUrl, settings)) return undefined;
	return {
		message: `useapi.net cannot call this n8n at ${new URL(defaultUrl).origin}`,
		description:
			'Set n8n\'s environment variable N8N_WEBHOOK_URL to an address that can be reached from outside, or switch off "Register as Default Reply URL".',
	};
}
