import type { FastifyInstance } from 'fastify';
import { errorBody, JOBID_MISSING, unableToLocate } from './contract.cts';
import { recordOf, type Jobs } from './jobs.cts';

interface JobQuery {
	Querystring: { jobid?: string };
}

/** GET jobs/?jobid=, GET jobs and GET jobs/cancel/?jobid= (docs/api-contract.md, "Jobs"). */
export function jobRoutes(server: FastifyInstance, jobs: Jobs): void {
	server.get<JobQuery>('/v1/pika/jobs/', (request, reply) => {
		const { jobid } = request.query;
		// Guess: both errors have the texts of jobs/cancel.
		if (!jobid) return reply.code(400).send(errorBody(400, JOBID_MISSING));
		const job = jobs.find(jobid);
		if (!job) return reply.code(404).send(errorBody(404, unableToLocate(jobid)));
		// Guess: the response for a failed job also has the HTTP status 200 and the code 200.
		return reply.send(recordOf(job));
	});
	// Guess: the list is empty if no job is running.
	server.get('/v1/pika/jobs', () => jobs.running());
	for (const path of ['/v1/pika/jobs/cancel', '/v1/pika/jobs/cancel/']) {
		server.get<JobQuery>(path, (request, reply) => {
			const { jobid } = request.query;
			if (!jobid) return reply.code(400).send(errorBody(400, JOBID_MISSING));
			// Guess: an ended job counts as unknown. Cancelling a job frees its slot at once and calls replyUrl.
			return jobs.finish(jobid, 'cancelled')
				? reply.send({ jobid, status: 'cancelled', code: 200 })
				: reply.code(404).send(errorBody(404, unableToLocate(jobid)));
		});
	}
}
