import { parseConnectionFailure } from '../../../nodes/Pika/api/connectionFailure';

const failure = (properties: object, cause?: unknown): Error =>
	Object.assign(new Error('request failed'), properties, cause === undefined ? {} : { cause });

describe('parseConnectionFailure', () => {
	it.each<[string, unknown, string, string]>([
		[
			'a refused connection',
			failure({ code: 'ECONNREFUSED', syscall: 'connect' }),
			'notSent',
			'ECONNREFUSED',
		],
		[
			'an unknown host name',
			failure({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }),
			'notSent',
			'ENOTFOUND',
		],
		['a busy name server', failure({ code: 'EAI_AGAIN' }), 'notSent', 'EAI_AGAIN'],
		[
			'a time-out while connecting',
			failure({ code: 'ETIMEDOUT', syscall: 'connect' }),
			'notSent',
			'ETIMEDOUT',
		],
		[
			'a time-out after connecting',
			failure({ code: 'ETIMEDOUT', syscall: 'read' }),
			'broken',
			'ETIMEDOUT',
		],
		['a reset', failure({ code: 'ECONNRESET', syscall: 'read' }), 'broken', 'ECONNRESET'],
		['a broken pipe', failure({ code: 'EPIPE', syscall: 'write' }), 'broken', 'EPIPE'],
		["axios' time limit", failure({ code: 'ECONNABORTED' }), 'broken', 'ECONNABORTED'],
		[
			'an expired certificate',
			failure({ code: 'CERT_HAS_EXPIRED' }),
			'notSent',
			'CERT_HAS_EXPIRED',
		],
		['a stopped execution', failure({ code: 'ERR_CANCELED' }), 'cancelled', 'ERR_CANCELED'],
		[
			'a stopped execution around a reset',
			failure({ code: 'ERR_CANCELED' }, failure({ code: 'ECONNRESET' })),
			'cancelled',
			'ERR_CANCELED',
		],
		[
			"n8n's error around axios' around Node's",
			failure({}, failure({ code: 'ERR_BAD_REQUEST' }, failure({ code: 'ECONNREFUSED' }))),
			'notSent',
			'ECONNREFUSED',
		],
		[
			"n8n's protection of private networks",
			failure({ name: 'NodeApiError' }, failure({ name: 'SsrfBlockedIpError' })),
			'notSent',
			'SsrfBlockedIpError',
		],
		['an unknown code', failure({ code: 'EWHATEVER' }), 'broken', 'EWHATEVER'],
		['an error without a code', new Error('odd'), 'broken', 'odd'],
		[
			'an error that mentions a code',
			new Error('not ECONNREFUSED at all'),
			'broken',
			'not ECONNREFUSED at all',
		],
		['a code that is a number', failure({ code: 404 }), 'broken', 'request failed'],
		['a text', 'ECONNREFUSED', 'broken', 'unknown'],
		['nothing', undefined, 'broken', 'unknown'],
		['null', null, 'broken', 'unknown'],
		['a list', [failure({ code: 'ECONNREFUSED' })], 'broken', 'unknown'],
	])('parseConnectionFailure classifies %s', (_, error, kind, reason) => {
		expect(parseConnectionFailure(error)).toEqual({ kind, reason });
	});

	const secure = { encrypted: true, secureConnecting: false };

	it.each<[string, object, 'notSent' | 'broken']>([
		[
			'never became secure',
			{ protocol: 'https:', socket: { encrypted: true, secureConnecting: true } },
			'notSent',
		],
		['was never encrypted', { protocol: 'https:', socket: {} }, 'notSent'],
		['was never opened', { protocol: 'https:', socket: null }, 'notSent'],
		['was secure', { protocol: 'https:', socket: secure }, 'broken'],
		['is unknown', { protocol: 'https:' }, 'broken'],
		['was not to be encrypted', { protocol: 'http:', socket: {} }, 'broken'],
	])('parseConnectionFailure classifies a time-out on a connection that %s', (_, request, kind) => {
		for (const code of ['ECONNABORTED', 'ECONNRESET', 'EPROTO', 'EPIPE']) {
			expect(parseConnectionFailure(failure({}, failure({ code, request }))).kind).toBe(kind);
		}
	});

	it.each<[string, object]>([
		['reading', { code: 'EHOSTUNREACH', syscall: 'read' }],
		['writing', { code: 'EHOSTUNREACH', syscall: 'write' }],
		['writing to a network that is gone', { code: 'ENETUNREACH', syscall: 'write' }],
	])(
		'parseConnectionFailure does not assume that nothing was sent if the host became unreachable while %s',
		(_, error) => {
			expect(parseConnectionFailure(failure(error)).kind).toBe('broken');
		},
	);

	it('parseConnectionFailure knows that nothing was sent if all addresses timed out while connecting', () => {
		const each = failure({ code: 'ETIMEDOUT', syscall: 'connect' });
		const all = Object.assign(new AggregateError([each, each]), { code: 'ETIMEDOUT' });
		expect(parseConnectionFailure(all).kind).toBe('notSent');
	});

	it('parseConnectionFailure stops at an error that is its own cause', () => {
		const error = failure({ code: 'ECONNRESET' });
		error.cause = error;
		expect(parseConnectionFailure(error)).toEqual({ kind: 'broken', reason: 'ECONNRESET' });
	});

	it('parseConnectionFailure returns a reason that is short and has no control characters', () => {
		const { reason } = parseConnectionFailure(new Error(`first\u0000line\n${'x'.repeat(10_000)}`));
		expect(reason).not.toMatch(/\p{Cc}/u);
		expect(reason.length).toBeLessThanOrEqual(510);
	});
});
