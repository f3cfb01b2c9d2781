import { clock } from '../../../nodes/Pika/jobs/clock';
import type { RecordedRequest, Sandbox, SandboxJob } from '../../../sandbox/sandbox.cts';
import type { Sequence } from './sequence.cts';

/** A request with when it came and when it had its answer, by the clock of the node, which the tests let run faster. */
export interface SeenRequest extends RecordedRequest {
	cameAt: number;
	answeredAt?: number;
}

/** What the API has seen of an execution and made for it; what others have made is left out. */
export interface Observed {
	requests: SeenRequest[];
	jobs: SandboxJob[];
	/** By the clock of the node. */
	endedAt: number;
	/** Of the requests, how many had come when the execution was stopped. */
	requestsBeforeStop?: number;
}

interface Moment {
	request: number;
	when: 'begins' | 'is answered';
}

/** Sees every change of the sandbox, and tells when something has happened there. */
export class Observer {
	/** How many changes of the sandbox there were. */
	changes = 0;

	private times = new Map<RecordedRequest, Pick<SeenRequest, 'cameAt' | 'answeredAt'>>();

	private codes: Sequence['codes'];

	private awaited: { moment: Moment; then: () => void } | undefined;

	private ignoredRequests = 0;

	private ignoredJobs = 0;

	private requestsBeforeStop: number | undefined;

	constructor(private readonly sandbox: Sandbox) {
		sandbox
			.waitFor(() => {
				this.look();
				return false;
			})
			// It ends with the sandbox.
			.catch(() => undefined);
	}

	begin(codes: Sequence['codes']): void {
		this.times = new Map();
		this.codes = codes;
		this.awaited = undefined;
		this.requestsBeforeStop = undefined;
		this.ignoreWhatWasMade();
	}

	/** What is there now belongs to somebody else. */
	ignoreWhatWasMade(): void {
		this.ignoredRequests = this.sandbox.requests.length;
		this.ignoredJobs = this.sandbox.jobs.length;
	}

	/** Calls back once, when the nth request from now on begins or has its answer. */
	once(moment: Moment, then: () => void): void {
		this.awaited = { moment, then };
	}

	seen(): Observed {
		this.look();
		const requests = this.sandbox.requests.slice(this.ignoredRequests).map((request) => ({
			...request,
			cameAt: Number.NaN,
			...this.times.get(request),
		}));
		const jobs = this.sandbox.jobs.slice(this.ignoredJobs);
		const endedAt = clock.now();
		return { requests, jobs, endedAt, requestsBeforeStop: this.requestsBeforeStop };
	}

	private look(): void {
		this.changes++;
		for (const request of this.sandbox.requests) {
			const times = this.times.get(request);
			if (!times) this.times.set(request, { cameAt: clock.now() });
			else if (request.endedAt !== undefined) times.answeredAt ??= clock.now();
		}
		for (const job of this.sandbox.jobs) {
			if (job.status === 'failed') job.code = this.codes?.failed ?? job.code;
			if (job.status === 'moderated') job.code = this.codes?.moderated ?? job.code;
		}
		this.tell();
	}

	private tell(): void {
		if (!this.awaited) return;
		const { moment, then } = this.awaited;
		const request = this.sandbox.requests[this.ignoredRequests + moment.request - 1];
		if (!request || (moment.when === 'is answered' && request.endedAt === undefined)) return;
		this.awaited = undefined;
		this.requestsBeforeStop = this.sandbox.requests.length - this.ignoredRequests;
		then();
	}
}
