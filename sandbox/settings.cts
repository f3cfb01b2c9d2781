import { z } from 'zod';

export const settingsSchema = z
	.object({
		/** Seconds from a job's acceptance to its end; Infinity: only finishJob or cancel end it. */
		jobSeconds: z.number().nonnegative(),
		/** Seconds until an attachment's link expires; 0 or less: it is born expired. */
		linkSeconds: z.number(),
		/** false: the job endpoints answer 402. */
		subscriptionIsActive: z.boolean(),
		/** The served video is padded to this size in bytes (it stays a valid MP4). */
		videoBytes: z.number().int().nonnegative(),
	})
	.strict();

export type Settings = z.infer<typeof settingsSchema>;

// The day is not from useapi.net, which gives no lifetime (section 6.5): it is what others report.
export const DEFAULT_SETTINGS: Settings = {
	jobSeconds: 5,
	linkSeconds: 24 * 60 * 60,
	subscriptionIsActive: true,
	videoBytes: 0,
};
