import type { FastifyInstance } from 'fastify';
import { errorBody, JOBID_MISSING, unableToLocate } from './contract.cts';
import { recordOf, type Jobs } from './jobs.cts';

interface JobQuery {
	Querystring: { jobid?: string };
}

/** GET jobs/?jobid=, GET jobs and GET jobs/cancel/?jobid= (section 4). */
export function jobRoutes(server: FastifyInstance, jobs: Jobs): void {
	server.get<JobQuery>('/v1/pika/jobs/', (request, reply) => {
		const { jobid } = request.query;
		// Guess: both errors, in the words of jobs/cancel (section 10, item 2).
		if (!jobid) return reply.code(400).send(errorBody(400, JOBID_MISSING));
		const job = jobs.find(jobid);
		if (!job) return reply.code(404).send(errorBody(404, unableToLocate(jobid)));
		// Guess: also a job that went wrong is read with status 200 and code 200.
		return reply.send(recordOf(job));
	});
	// Guess: with no job running the list is empty (section 4.2).
	server.get('/v1/pika/jobs', () => jobs.running());
	for (const path of ['/v1/pika/jobs/cancel', '/v1/pika/jobs/cancel/']) {
		server.get<JobQuery>(path, (request, reply) => {
			const { jobid } = request.query;
			if (!jobid) return reply.code(400).send(errorBody(400, JOBID_MISSING));
			// Guess: a job that is over cannot be located; cancelling frees the slot at once and calls replyUrl.
			return jobs.finish(jobid, 'cancelled')
				? reply.send({ jobid, status: 'cancelled', code: 200 })
				: reply.code(404).send(errorBody(404, unableToLocate(jobid)));
		});
	}
}
