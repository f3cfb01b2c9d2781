import type { Job } from '../api/job';

/** What the user chose; an empty list stands for all. */
export interface Filter {
	statuses: string[];
	verbs: string[];
}

function isIn(chosen: string[], value: string | undefined): boolean {
	return chosen.length === 0 || (value !== undefined && chosen.includes(value));
}

/** True for a job with a chosen status and verb. */
export function isWanted({ status, verb }: Job, { statuses, verbs }: Filter): boolean {
	return status !== undefined && isIn(statuses, status) && isIn(verbs, verb);
}

/** True unless what a callback says of its job rules it out; what it does not say may be anything. */
export function mayBeWanted({ status, verb }: Job, { statuses, verbs }: Filter): boolean {
	return (
		(status === undefined || isIn(statuses, status)) && (verb === undefined || isIn(verbs, verb))
	);
}
