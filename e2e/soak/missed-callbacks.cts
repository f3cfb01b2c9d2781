/** A wait for a callback that timed out. */
export interface RunOutWait {
	jobid: string;
	/** Milliseconds since 1970. */
	acceptedAt: number;
	waitLimitMilliseconds: number;
}

export interface ResumeCall {
	jobid: string;
	status: string;
	/** The HTTP status of n8n's response. */
	answer?: number | undefined;
	/** Milliseconds since 1970. */
	endedAt?: number | undefined;
}

/** For the node to go on, and to read its jobs, before its limit. */
const IN_TIME_MILLISECONDS = 15_000;

/** The jobs whose waits ran out although n8n had taken the callback of their end in time. */
export function findMissedCallbacks(
	waits: readonly RunOutWait[],
	calls: readonly ResumeCall[],
	terminalStatuses: readonly string[],
): string[] {
	return waits
		.filter(({ jobid, acceptedAt, waitLimitMilliseconds }) => {
			const latest = acceptedAt + waitLimitMilliseconds - IN_TIME_MILLISECONDS;
			return calls.some(
				(call) =>
					call.jobid === jobid &&
					call.answer === 200 &&
					terminalStatuses.includes(call.status) &&
					(call.endedAt ?? Infinity) < latest,
			);
		})
		.map(({ jobid }) => jobid);
}
