import type { ApiError } from '../api/apiError';
import type { DownloadProblem, NoVideo } from '../api/download';
import { REFUSING_PROXY, type RequestKind } from '../api/request';

type Advice = Partial<Record<RequestKind, string>> & { any: string };

const CHECK_BASE_URL =
	'Check the base URL in the credential: this server does not know the endpoint.';
const CHECK_JOB_ID = 'Check the ID. useapi.net keeps jobs for at least 31 days.';
const CHECK_PROXY = 'Check the proxy between this n8n and the API';

/** What to do after an answer with this status, by kind of request if the meaning differs. */
const AFTER_STATUS: Record<number, Advice> = {
	400: {
		any: 'Correct the field that the answer names, then submit this item again.',
		job: 'Check the ID of the job.',
		retry:
			'Check the ID of the job. Only a completed job can be retried; submit any other one again with the operation that created it.',
		cancel: 'Check the ID of the job.',
		account:
			'Correct what the answer names: channel and Discord token are those of the credential, "Maximum Jobs" is in the node.',
		runningJobs: 'Check the base URL in the credential.',
		accounts: 'Check the base URL in the credential.',
	},
	401: { any: 'Open the credential and paste the complete API token, including "user:".' },
	402: { any: 'Renew the subscription of your useapi.net account, then try again.' },
	403: {
		any: 'The API, or a proxy or firewall on the way, forbids this request. Check the base URL and the API token in the credential, and what this n8n may reach.',
	},
	404: {
		any: CHECK_BASE_URL,
		job: CHECK_JOB_ID,
		cancel:
			'The job has ended, or its ID is wrong: Job: Get tells which. Only running jobs can be cancelled.',
		retry:
			'Check the ID of the job to retry, and the base URL in the credential. useapi.net keeps jobs for at least 31 days.',
		account:
			'Check the channel: it may not be configured at useapi.net. Account: Get Many lists the channels.',
	},
	405: { any: CHECK_BASE_URL },
	407: {
		any: `${CHECK_PROXY}: it requires a user name and a password; put them into its URL in HTTPS_PROXY.`,
	},
	410: {
		any: CHECK_BASE_URL,
		job: CHECK_JOB_ID,
		cancel: CHECK_JOB_ID,
	},
	413: {
		any: 'The request is too large for the API, or for a proxy on the way.',
		submission:
			'The image is too large for the API, or for a proxy on the way. Use a smaller image, or raise the limit of the proxy.',
	},
	422: {
		any: 'Correct what the answer names, then try again.',
		submission: 'Change the prompt or the image, then submit this item again.',
		retry: 'Choose another job, or change the prompt in a new job.',
	},
	429: {
		any: 'The API received too many requests. Wait a minute, then try again.',
		submission:
			'Run fewer jobs at the same time on this channel, or raise "Keep Retrying For". If the API says how long to wait, the node waits that long, at most an hour, and not beyond "Keep Retrying For".',
		retry:
			'Run fewer jobs at the same time on this channel, or raise "Keep Retrying For". If the API says how long to wait, the node waits that long, at most an hour, and not beyond "Keep Retrying For".',
	},
};

const WITHDRAWN =
	'useapi.net has announced that it withdrew its Pika API. To try workflows, start the sandbox and use the base URL that it prints.';

function afterRedirect(redirectsTo: string | undefined): string {
	const place = redirectsTo ? ` to ${redirectsTo}` : '';
	return `The answer redirects${place}, which the API itself never does. Check the base URL in the credential, and whether a proxy requires a login.`;
}

function afterStatus(httpStatus: number, request: RequestKind): string | undefined {
	const advice = Object.hasOwn(AFTER_STATUS, httpStatus) ? AFTER_STATUS[httpStatus] : undefined;
	if (advice) return advice[request] ?? advice.any;
	if (httpStatus >= 500) {
		return 'useapi.net, or a proxy on the way, cannot answer now. Try again later.';
	}
	return undefined;
}

/** Whether the answer may come from a proxy or from a withdrawn service instead of the API. */
function mayBeWithdrawn({ httpStatus, isDocumentedShape }: ApiError): boolean {
	return !isDocumentedShape && ![407, 413, 429].includes(httpStatus);
}

/** What to do after an answer that is not a success. It depends on the request, and on what seems to have answered. */
export function adviceAfterAnswer(refusal: ApiError): string {
	const { httpStatus, request, redirectsTo } = refusal;
	if (httpStatus >= 300 && httpStatus < 400) return afterRedirect(redirectsTo);
	const advice = afterStatus(httpStatus, request);
	if (mayBeWithdrawn(refusal))
		return `${advice ?? 'Check the base URL in the credential.'} ${WITHDRAWN}`;
	return advice ?? 'See what the answer says, and check the status of useapi.net.';
}

const ALLOW_IN_N8N =
	"This n8n blocks requests into private networks. If the address is right, allow its host in n8n's environment with N8N_SSRF_ALLOWED_HOSTNAMES or N8N_SSRF_ALLOWED_IP_RANGES.";

/** What to do after a request that did not reach the API, or whose connection broke, by the reason. */
export function adviceAfterFailure(reason: string): string {
	if (reason.startsWith('SsrfBlocked')) return ALLOW_IN_N8N;
	if (reason.startsWith(REFUSING_PROXY) || reason.startsWith('Proxy connection')) {
		return `${CHECK_PROXY}: its URL, its user name and password in HTTPS_PROXY, and whether it lets n8n reach the host of the base URL. NO_PROXY names hosts that are reached without it.`;
	}
	if (reason === 'EPROTO' || reason.startsWith('ERR_SSL_')) {
		return 'The server does not speak TLS as n8n does. Check the port and the https:// of the base URL in the credential.';
	}
	if (/CERT|CRL_|UNABLE_TO_|HOSTNAME_MISMATCH|^INVALID_(CA|PURPOSE)/.test(reason)) {
		return "n8n does not trust the server's certificate. Check the base URL in the credential; for a certificate authority of your own set NODE_EXTRA_CA_CERTS in n8n's environment.";
	}
	return 'Check the base URL in the credential, and the network of this n8n. If it is the address of the sandbox, check its port, and that the sandbox is running.';
}

const AFTER_DOWNLOAD: Record<DownloadProblem, string> = {
	noLink: 'Look at "attachments" of the job: read it with Job: Get, with "Download Video" off.',
	unsafe:
		'Look at "attachments" of the job before you trust the link. The node takes https links to public servers, and those to the server of the base URL.',
	expired:
		'Download soon after a job has ended. Job: Get with "Download Video" reads the job again; whether that gives a fresh link is not documented.',
	refused:
		'Read the job with Job: Get and try its link in a browser. Job: Get with "Download Video" tries once more.',
	notVideo:
		'Read the job with Job: Get and try its link in a browser: it may lead to the page of a proxy or to a login.',
	stopped: 'Job: Get with "Download Video" downloads it later.',
};

/** What to do about a video that could not be downloaded. */
export function adviceAfterDownload(outcome: NoVideo): string {
	if (outcome.kind === 'unreachable') {
		return 'The job is fine: Job: Get with "Download Video" tries again later.';
	}
	if (outcome.reason.startsWith('SsrfBlocked')) return ALLOW_IN_N8N;
	return AFTER_DOWNLOAD[outcome.problem];
}
