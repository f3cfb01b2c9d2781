import type { FastifyInstance } from 'fastify';
import { errorBody, MAX_REPLY_LENGTH, REPLY_URL_TOO_LONG } from './contract.cts';
import type { Accounts } from './accounts.cts';
import type { Exchanges } from './exchanges.cts';
import type { Settings } from './settings.cts';

const CREATED = '2023-07-25T03:02:28.676Z';

/** The useapi.net account behind GET and POST /v2/account (docs/api-contract.md, "Platform account"). */
export class UseapiAccount {
	private name: string | undefined = 'Sandbox';
	replyUrl: string | undefined;

	constructor(
		private readonly settings: Settings,
		private readonly accounts: Accounts,
	) {}

	reset(): void {
		this.name = 'Sandbox';
		this.replyUrl = undefined;
	}

	routes(server: FastifyInstance, exchanges: Exchanges): void {
		server.get('/v2/account', () => this.body());
		server.post('/v2/account', (request, reply) => {
			const { name, replyUrl } = exchanges.of(request)?.record.fields ?? {};
			if ((replyUrl ?? '').length > MAX_REPLY_LENGTH) {
				return reply.code(400).send(errorBody(400, REPLY_URL_TOO_LONG));
			}
			if (name !== undefined) this.name = name;
			// Guess: an empty text removes the default.
			if (replyUrl !== undefined) this.replyUrl = replyUrl === '' ? undefined : replyUrl;
			// Guess: the response is the account, as in an old version of the documentation.
			return reply.send(this.body());
		});
	}

	private body() {
		const total = this.accounts.list().length;
		return {
			id: 1000,
			email: 'sandbox@example.com',
			created: CREATED,
			...(this.name === undefined ? {} : { name: this.name }),
			subscriptionIsActive: this.settings.subscriptionIsActive,
			subscriptions: 1,
			maxAccountsPerAPI: 3,
			accounts: { 'Pika v1': { total, active: total } },
			verified: CREATED,
			sub: '230725',
			...(this.replyUrl === undefined ? {} : { replyUrl: this.replyUrl }),
		};
	}
}
