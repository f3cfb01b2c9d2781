import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { TERMINAL_STATUSES } from './contract.cts';
import { faultSchema, type Faults } from './faults.cts';
import { maskDiscord, maskUrl } from './masking.cts';
import { settingsSchema } from './settings.cts';
import type { Sandbox } from './sandbox.cts';

const finishSchema = z
	.object({
		status: z.enum(TERMINAL_STATUSES).optional(),
		extra: z.record(z.unknown()).optional(),
	})
	.strict();

/** The controls under /sandbox/. No response contains a token, and on loopback none is required (access.cts). */
export function controlRoutes(server: FastifyInstance, sandbox: Sandbox, faults: Faults): void {
	server.get('/sandbox/requests', () => masked(sandbox.requests));
	server.get('/sandbox/jobs', () => masked(sandbox.jobs));
	server.get('/sandbox/callbacks', () => masked(sandbox.callbacks));
	server.get('/sandbox/faults', () => faults.list());
	server.get('/sandbox/settings', () => sandbox.settings);

	server.post('/sandbox/faults', (request, reply) => {
		const fault = faultSchema.safeParse(jsonIn(request.body));
		if (!fault.success) return sendValidationError(reply, fault.error);
		faults.add(fault.data);
		return reply.code(201).send(faults.list());
	});
	server.delete('/sandbox/faults', (_request, reply) => {
		faults.clear();
		return reply.code(204).send();
	});
	server.post('/sandbox/reset', (_request, reply) => {
		sandbox.reset();
		return reply.code(204).send();
	});
	server.patch('/sandbox/settings', (request, reply) => {
		const settings = settingsSchema.partial().safeParse(jsonIn(request.body));
		if (!settings.success) return sendValidationError(reply, settings.error);
		sandbox.changeSettings(settings.data);
		return reply.send(sandbox.settings);
	});
	server.post<{ Params: { jobid: string } }>('/sandbox/jobs/:jobid/finish', (request, reply) => {
		const { jobid } = request.params;
		const finish = finishSchema.safeParse(jsonIn(request.body));
		if (!finish.success) return sendValidationError(reply, finish.error);
		const job = sandbox.jobs.find((one) => one.jobid === jobid);
		if (!job) return reply.code(404).send({ error: `There is no job ${jobid}` });
		try {
			sandbox.finishJob(jobid, finish.data.status, finish.data.extra);
		} catch (error) {
			return reply.code(409).send({ error: error instanceof Error ? error.message : '' });
		}
		return reply.send(masked(job));
	});
}

/** An empty body counts as an empty object. Invalid JSON is returned as is, for the schema to reject. */
export function jsonIn(body: unknown): unknown {
	if (typeof body !== 'string' || body === '') return {};
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}

function sendValidationError(reply: FastifyReply, error: z.ZodError): FastifyReply {
	return reply.code(400).send({
		error: error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
	});
}

/** A copy in which Discord tokens and secrets in URLs are masked. */
export function masked(value: unknown): unknown {
	const text = JSON.stringify(value, (name, inner: unknown) => {
		if (typeof inner !== 'string') return inner;
		if (name === 'token') return '…';
		if (name === 'discord' && !inner.includes('…')) return maskDiscord(inner);
		return maskUrl(inner);
	});
	return JSON.parse(text);
}
