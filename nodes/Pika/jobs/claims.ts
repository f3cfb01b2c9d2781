/** The jobs that the items of an execution have claimed, so that no two items take the same one. */
export class Claims {
	/** The number of submissions that await their answers, by reply reference. */
	private readonly underWay = new Map<string, number>();

	/** `jobids` is saved with the execution, for its other nodes and for other runs of this node. */
	constructor(private readonly jobids: Record<string, true> = {}) {}

	/** True for the first item that claims the job, false for every later one. */
	claim(jobid: string): boolean {
		if (this.has(jobid)) return false;
		this.jobids[jobid] = true;
		return true;
	}

	has(jobid: string): boolean {
		return Object.hasOwn(this.jobids, jobid);
	}

	/** Records that an answer is awaited, until the promise settles. */
	async during<Answer>(replyRef: string, answer: Promise<Answer>): Promise<Answer> {
		this.count(replyRef, 1);
		try {
			return await answer;
		} finally {
			this.count(replyRef, -1);
		}
	}

	/** Whether another item with the same reply reference awaits its answer, so that a job may belong to that item. */
	isUnderWay(replyRef: string): boolean {
		return this.underWay.has(replyRef);
	}

	private count(replyRef: string, change: number): void {
		const count = (this.underWay.get(replyRef) ?? 0) + change;
		if (count > 0) this.underWay.set(replyRef, count);
		else this.underWay.delete(replyRef);
	}
}

const keptIn = new WeakMap<Record<string, true>, Claims>();

/** The claims saved in this record: the same object for simultaneous runs, such as the tool calls of an agent. */
export function claimsIn(shared: Record<string, true>): Claims {
	const claims = keptIn.get(shared) ?? new Claims(shared);
	keptIn.set(shared, claims);
	return claims;
}
