/** The longest texts that the API accepts, in characters (docs/api-contract.md, "Shared fields"). */
export const MAX_LENGTH = { prompt: 1500, replyUrl: 1024, replyRef: 1024 };

/** How many jobs one channel takes at the same time, at most and by default (docs/api-contract.md, "Capacity"). */
export const MAX_JOBS_OF_CHANNEL = 10;
