/** The job ids that items of this run hold, so that one job is never adopted by two items. */
export class Claims {
	private readonly jobids = new Set<string>();

	/** True for the first item that asks, false for every later one. */
	claim(jobid: string): boolean {
		if (this.jobids.has(jobid)) return false;
		this.jobids.add(jobid);
		return true;
	}

	has(jobid: string): boolean {
		return this.jobids.has(jobid);
	}
}
