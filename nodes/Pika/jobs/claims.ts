import type { Submission } from '../api/client';

/** What the items of this run hold or are about to: one job is never adopted by two of them. */
export class Claims {
	private readonly jobids = new Set<string>();

	private readonly underWay = new Set<Submission>();

	/** True for the first item that asks, false for every later one. */
	claim(jobid: string): boolean {
		if (this.jobids.has(jobid)) return false;
		this.jobids.add(jobid);
		return true;
	}

	has(jobid: string): boolean {
		return this.jobids.has(jobid);
	}

	/** Notes that an answer is awaited, until the promise is settled. */
	async during<Answer>(submission: Submission, answer: Promise<Answer>): Promise<Answer> {
		this.underWay.add(submission);
		try {
			return await answer;
		} finally {
			this.underWay.delete(submission);
		}
	}

	/** Whether another item with the same reply reference waits for its answer, so that a job may be its own. */
	isUnderWay({ fields }: Submission): boolean {
		return [...this.underWay].some((other) => other.fields.replyRef === fields.replyRef);
	}
}
