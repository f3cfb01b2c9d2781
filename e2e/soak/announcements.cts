/** A callback that the API has sent to a trigger. */
export interface SentCallback {
	jobid: string;
	status: string;
	/** The HTTP status of the trigger's response. */
	answer?: number | undefined;
}

/** What one execution that the trigger has started says. */
export interface Announcement {
	jobid: string;
	status: string;
}

export interface AnnouncementFindings {
	/** Announced more than once. */
	repeated: string[];
	/** The trigger accepted the callback, but no execution announced it. */
	missing: string[];
}

/** Compares the callbacks of ended jobs with the announcements of the trigger. */
export function checkAnnouncements(
	callbacks: readonly SentCallback[],
	announcements: readonly Announcement[],
	terminalStatuses: readonly string[],
): AnnouncementFindings {
	const keys = announcements.map(keyOf);
	const announced = new Set(keys);
	const taken = callbacks
		.filter(({ answer, status }) => answer === 200 && terminalStatuses.includes(status))
		.map(keyOf);
	return {
		repeated: keys.filter((key, i) => keys.indexOf(key) !== i),
		missing: [...new Set(taken)].filter((key) => !announced.has(key)),
	};
}

function keyOf({ jobid, status }: { jobid: string; status: string }): string {
	return `${jobid} ${status}`;
}
