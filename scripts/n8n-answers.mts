import { z } from 'zod';
import { workflowSchema as workflowFileSchema } from './workflow-file.mts';

// The parts of n8n's responses that n8n-rest.mts reads, by call.

export const settingsSchema = z.object({
	data: z.object({ userManagement: z.object({ showSetupOnFirstLoad: z.boolean().optional() }) }),
});
export const listSchema = z.object({
	data: z.array(
		z.object({
			id: z.string(),
			name: z.string(),
			type: z.string().optional(),
			isArchived: z.boolean().optional(),
		}),
	),
});
export const savedSchema = z.object({ data: z.object({ id: z.string() }) });
export const workflowSchema = z.object({ data: z.record(z.unknown()) });
export const storedWorkflowSchema = z.object({ data: workflowFileSchema });
export const versionSchema = z.object({ data: z.object({ versionId: z.string() }) });
export const startedSchema = z.object({ data: z.object({ executionId: z.string() }) });
export const listeningSchema = z.object({ data: z.object({ waitingForWebhook: z.literal(true) }) });
export const locatedSchema = z.object({
	data: z.object({ results: z.array(z.object({ name: z.string(), value: z.string() })) }),
});
export const testedSchema = z.object({
	data: z.object({ status: z.string(), message: z.string() }),
});
export const executionsSchema = z.object({
	data: z.object({
		results: z.array(z.object({ id: z.string(), stoppedAt: z.string().nullish() })),
	}),
});
export const savedDataSchema = z.object({ data: z.object({ data: z.string() }) });
export const countSchema = z.object({ data: z.object({ count: z.number() }) });
export const refusalSchema = z.object({ message: z.string() });
