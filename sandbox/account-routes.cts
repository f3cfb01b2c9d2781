import type { FastifyInstance } from 'fastify';
import type { Accounts } from './accounts.cts';
import { CONFIGURATION_NOT_FOUND, errorBody } from './contract.cts';
import type { Exchanges } from './exchanges.cts';

/** GET account, POST and DELETE account/<channel> (docs/api-contract.md, "Pika accounts"). */
export function accountRoutes(server: FastifyInstance, accounts: Accounts, exchanges: Exchanges) {
	server.get('/v1/pika/account', (_request, reply) => {
		const all = accounts.list();
		if (all.length === 0) return reply.code(404).send(errorBody(404, CONFIGURATION_NOT_FOUND));
		// Guess: discord is not masked here, as in the documented example.
		return reply.send(Object.fromEntries(all.map((account) => [account.channel, account])));
	});
	server.post<{ Params: { channel: string } }>('/v1/pika/account/:channel', (request, reply) => {
		const body = exchanges.of(request)?.json ?? {};
		const error = accounts.save(request.params.channel, body);
		return error === undefined
			? reply.code(204).send()
			: reply.code(400).send(errorBody(400, error));
	});
	server.delete<{ Params: { channel: string } }>('/v1/pika/account/:channel', (request, reply) => {
		// Guess: both responses; neither is documented.
		return accounts.delete(request.params.channel)
			? reply.send({})
			: reply.code(404).send(errorBody(404, CONFIGURATION_NOT_FOUND));
	});
}
