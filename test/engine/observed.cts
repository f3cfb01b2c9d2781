import { clock } from '../../nodes/Pika/jobs/clock';
import type { RecordedRequest, Sandbox } from '../../sandbox/sandbox.cts';

/** The response of a bad gateway, which does not show whether the API created a job. */
export const BAD_GATEWAY = { status: 502, body: '<h1>Bad gateway</h1>' };

export function submissions({ requests }: Pick<Sandbox, 'requests'>): RecordedRequest[] {
	return requests.filter(({ method }) => method === 'POST');
}

/** The requests for the list of running jobs. */
export function lists({ requests }: Pick<Sandbox, 'requests'>): RecordedRequest[] {
	return requests.filter(({ path }) => path === '/v1/pika/jobs');
}

/** The requests for single jobs; with an id, of that job. */
export function reads({ requests }: Pick<Sandbox, 'requests'>, jobid?: string): RecordedRequest[] {
	return requests.filter(
		({ path, query }) =>
			path === '/v1/pika/jobs/' && (jobid === undefined || query.jobid === jobid),
	);
}

export function cancellations({ requests }: Pick<Sandbox, 'requests'>): string[] {
	return requests
		.filter(({ endpoint }) => endpoint === 'jobs/cancel')
		.map(({ query }) => query.jobid ?? '');
}

/** The maximum number of these requests that were open at the same time. */
export function mostAtOnce(requests: readonly RecordedRequest[]): number {
	const edges = requests.flatMap(({ startedAt, endedAt = Infinity }) => [
		{ at: startedAt, change: 1 },
		{ at: endedAt, change: -1 },
	]);
	edges.sort((one, other) => one.at - other.at || one.change - other.change);
	let open = 0;
	return Math.max(0, ...edges.map(({ change }) => (open += change)));
}

/** When requests arrived by the node's clock, which tests speed up. */
export interface Arrivals {
	/** Milliseconds since the first recorded request to the sandbox. */
	of(request: RecordedRequest): number;
}

/** Starts recording when requests arrive. */
export function noteArrivals(sandbox: Sandbox): Arrivals {
	const began = clock.now();
	const arrivals = new Map<RecordedRequest, number>();
	sandbox
		.waitFor(() => {
			for (const request of sandbox.requests) {
				if (!arrivals.has(request)) arrivals.set(request, clock.now() - began);
			}
			return false;
		})
		.catch(() => undefined);
	return { of: (request) => arrivals.get(request) ?? Number.NaN };
}

/** Creates a job of another user, with these text fields and files of these sizes. */
export async function submitAsSomebodyElse(
	{ baseUrl, apiToken }: Pick<Sandbox, 'baseUrl' | 'apiToken'>,
	endpoint: string,
	fields: Record<string, string>,
	files: Record<string, number> = {},
): Promise<string> {
	const body = new FormData();
	for (const [name, value] of Object.entries(fields)) body.append(name, value);
	for (const [name, size] of Object.entries(files)) {
		body.append(name, new Blob([Buffer.alloc(size)], { type: 'image/png' }), `${name}.png`);
	}
	const response = await fetch(`${baseUrl}/v1/pika/${endpoint}`, {
		method: 'POST',
		headers: { authorization: `Bearer ${apiToken}` },
		body,
	});
	const { jobid } = (await response.json()) as { jobid?: string };
	if (jobid === undefined) throw new Error(`The sandbox answered ${response.status}`);
	return jobid;
}
