import type { Job } from '../api/job';

/** What the user selected; an empty list means all. */
export interface Filter {
	statuses: string[];
	verbs: string[];
}

function isIn(chosen: string[], value: string | undefined): boolean {
	return chosen.length === 0 || (value !== undefined && chosen.includes(value));
}

/** True for a job with a selected status and verb. */
export function isWanted({ status, verb }: Job, { statuses, verbs }: Filter): boolean {
	return status !== undefined && isIn(statuses, status) && isIn(verbs, verb);
}

/** False if what a callback says about its job excludes it. What it does not say may have any value. */
export function mayBeWanted({ status, verb }: Job, { statuses, verbs }: Filter): boolean {
	return (
		(status === undefined || isIn(statuses, status)) && (verb === undefined || isIn(verbs, verb))
	);
}
