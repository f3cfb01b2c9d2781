import { z } from 'zod';

export const settingsSchema = z
	.object({
		/** Seconds from a job's acceptance to its end; Infinity: only finishJob or cancel end it. */
		jobSeconds: z.number().nonnegative().default(5),
		/**
		 * Seconds until an attachment's link expires; 0 or less: it is born expired.
		 * Guess: a day, as third parties report.
		 */
		linkSeconds: z
			.number()
			.finite()
			.default(24 * 60 * 60),
		/** false: the job endpoints answer 402. */
		subscriptionIsActive: z.boolean().default(true),
		/** The served video is padded to this size in bytes (it stays a valid MP4). */
		videoBytes: z.number().int().nonnegative().default(0),
		/** Whether every job gets the same clip, or one that is rendered from its own inputs. */
		videos: z.enum(['canned', 'rendered']).default('canned'),
		/** Pixels; a rendered video is 3/5 as high as it is wide. */
		videoWidth: z.number().int().min(80).max(640).multipleOf(80).default(320),
		/** Of a rendered video, which shows 24 of them in a second. */
		videoFrames: z.number().int().min(2).max(240).default(60),
	})
	.strict();

export type Settings = z.infer<typeof settingsSchema>;
