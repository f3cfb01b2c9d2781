import type { IExecuteFunctions } from 'n8n-workflow';

import type { Pika } from '../../../nodes/Pika/Pika.node';

/** The runs of `execute()` that are not over: n8n does not await that of a stopped execution. */
const underWay = new Set<Promise<unknown>>();

/** The same node, whose runs `untilAllEnded` awaits. */
export function watched(node: Pika): Pika {
	const { execute } = node;
	node.execute = async function watchedExecute(this: IExecuteFunctions) {
		const run = execute.call(this);
		underWay.add(run);
		try {
			return await run;
		} finally {
			underWay.delete(run);
		}
	};
	return node;
}

/** Resolves when every run of a watched node is over, however it ended. */
export async function untilAllEnded(): Promise<void> {
	while (underWay.size > 0) await Promise.allSettled(underWay);
}
