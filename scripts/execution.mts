import { parse as parseFlatted } from 'flatted';
import { z } from 'zod';

const errorSchema = z.object({
	message: z.string(),
	description: z.string().nullish(),
});

const itemSchema = z.object({
	json: z.record(z.unknown()),
	binary: z.record(z.record(z.unknown())).optional(),
	/** The paired input items in n8n's format: one, several, or none. */
	pairedItem: z.unknown(),
});

const nodeRunSchema = z.object({
	executionStatus: z.string().optional(),
	/** Milliseconds since 1970. */
	startTime: z.number().optional(),
	/** Milliseconds. */
	executionTime: z.number().optional(),
	error: errorSchema.optional(),
	/** By output of the node, then by item. */
	// The outputs of an agent's sub-nodes have names other than `main`.
	data: z.object({ main: z.array(z.array(itemSchema).nullable()).default([]) }).optional(),
});

const contentSchema = z.object({
	resultData: z.object({
		runData: z.record(z.array(nodeRunSchema)).default({}),
		error: errorSchema.optional(),
	}),
});

const decodedSchema = z
	.string()
	.optional()
	.transform((text): unknown => text && parseFlatted(text))
	// An execution that has only begun has no data yet.
	.pipe(contentSchema.optional());

/** n8n's response to GET /rest/executions/:id, whose data is encoded by the library `flatted`. */
export const executionSchema = z
	.object({
		data: z.object({
			id: z.string(),
			status: z.string(),
			customData: z.record(z.string()).default({}),
			data: decodedSchema,
		}),
	})
	.transform(({ data: { id, status, customData, data } }): Execution => {
		const error = data?.resultData.error;
		const runs = data?.resultData.runData ?? {};
		return { id, status, customData, runs, error: error && describe(error) };
	});

export type Item = z.infer<typeof itemSchema>;
export type NodeRun = z.infer<typeof nodeRunSchema>;

export interface Execution {
	id: string;
	status: string;
	/** What n8n calls "highlighted data". */
	customData: Record<string, string>;
	/** The runs of each node that ran, by the node's name. */
	runs: Record<string, NodeRun[]>;
	/** n8n's error message, if the execution failed. */
	error?: string;
}

/** The items of a node's last run on one output, the first by default. Empty if the node did not run. */
export function outputOf(execution: Execution, nodeName: string, output = 0): Item[] {
	return execution.runs[nodeName]?.at(-1)?.data?.main[output] ?? [];
}

function describe({ message, description }: z.infer<typeof errorSchema>): string {
	return description ? `${message} (${description})` : message;
}
