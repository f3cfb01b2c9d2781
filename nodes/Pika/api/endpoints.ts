/** What is documented of an endpoint below /v1/pika/ that creates a job. */
interface JobEndpointFacts {
	/** The `verb` in the records of its jobs; undefined if it is not documented. */
	verb: string | undefined;
	/** The kind of request, which selects the advice after a refusal. */
	request: 'submission' | 'retry';
}

/** The one table of these endpoints (docs/api-contract.md, "Submissions"). */
export const JOB_ENDPOINTS = {
	encrypt_image: { verb: 'pika-encrypt_image', request: 'submission' },
	encrypt_text: { verb: 'pika-encrypt_text', request: 'submission' },
	create: { verb: 'pika-create', request: 'submission' },
	animate: { verb: 'pika-animate', request: 'submission' },
	button: { verb: undefined, request: 'retry' },
} as const satisfies Record<string, JobEndpointFacts>;

export type JobEndpoint = keyof typeof JOB_ENDPOINTS;
