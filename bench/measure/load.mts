import autocannon from 'autocannon';

export interface LoadOptions {
	url: string;
	/** Each is sent once. */
	bodies: readonly string[];
	connections: number;
}

const WITHIN_SECONDS = 180;

/** Posts each body once, as fast as the answers come; anything but a 200 is an error. */
export async function postAll({ url, bodies, connections }: LoadOptions): Promise<void> {
	let next = 0;
	const result = await autocannon({
		url,
		connections: Math.min(connections, bodies.length),
		amount: bodies.length,
		timeout: WITHIN_SECONDS,
		requests: [
			{
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				setupRequest: (request) => {
					const body = bodies[next % bodies.length];
					next += 1;
					return { ...request, body };
				},
			},
		],
	});
	const { errors, non2xx } = result;
	const good = result['2xx'];
	if (errors > 0 || non2xx > 0 || good !== bodies.length) {
		throw new Error(
			`Of ${bodies.length} calls ${good} succeeded, ${errors} got no answer, ${non2xx} a refusal.`,
		);
	}
}
