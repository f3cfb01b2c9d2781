import { z } from 'zod';

export const settingsSchema = z
	.object({
		/** Seconds from the submission of a job to its end. With Infinity, only finishJob or cancel end it. */
		jobSeconds: z.number().nonnegative().default(5),
		/**
		 * Seconds until a video link expires. With 0 or less, it has always expired.
		 * Guess: a day, as third parties report.
		 */
		linkSeconds: z
			.number()
			.finite()
			.default(24 * 60 * 60),
		/** If false, the job endpoints respond with 402. */
		subscriptionIsActive: z.boolean().default(true),
		/** Videos are padded to this size in bytes and stay valid MP4 files. */
		videoBytes: z.number().int().nonnegative().default(0),
		/** Whether every job gets the same clip, or a video rendered from its inputs. */
		videos: z.enum(['canned', 'rendered']).default('canned'),
		/** Width of a rendered video in pixels. Its height is 3/5 of that. */
		videoWidth: z.number().int().min(80).max(640).multipleOf(80).default(320),
		/** Length of a rendered video, which has 24 frames per second. */
		videoFrames: z.number().int().min(2).max(240).default(60),
	})
	.strict();

export type Settings = z.infer<typeof settingsSchema>;
