import { clock } from '../../../nodes/Pika/jobs/clock';
import type { RecordedRequest, Sandbox, SandboxJob } from '../../../sandbox/sandbox.cts';
import type { Sequence } from './sequence.cts';

/** A request with the times of its arrival and its response, by the node's clock, which tests speed up. */
export interface SeenRequest extends RecordedRequest {
	cameAt: number;
	answeredAt?: number;
}

/** The requests and jobs of an execution; those of others are left out. */
export interface Observed {
	requests: SeenRequest[];
	jobs: SandboxJob[];
	/** By the clock of the node. */
	endedAt: number;
	/** How many of the requests had arrived when the execution was stopped. */
	requestsBeforeStop?: number;
}

interface Moment {
	request: number;
	when: 'begins' | 'is answered';
}

/** Observes every change of the sandbox. */
export class Observer {
	/** The number of changes of the sandbox. */
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

	/** Excludes everything that exists now. */
	ignoreWhatWasMade(): void {
		this.ignoredRequests = this.sandbox.requests.length;
		this.ignoredJobs = this.sandbox.jobs.length;
	}

	/** Calls back once, when the nth request from now on begins or is answered. */
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
