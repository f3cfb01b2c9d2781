import type { Sandbox } from '../../../sandbox/sandbox.cts';
import { HandMade, type HandMadeItem } from '../harness/handMade.cts';
import type { RunOptions } from '../harness/run.cts';
import { type PikaWorkflow, pikaWorkflow } from '../pika.cts';

/** Handmade items → Pika → Collect. */
export function handMadeWorkflow(
	make: ConstructorParameters<typeof HandMade>[0] | HandMadeItem[],
	options: Omit<PikaWorkflow, 'items'>,
): RunOptions {
	const workflow = pikaWorkflow(options);
	const source = new HandMade(Array.isArray(make) ? () => make : make);
	return { ...workflow, nodeTypes: { ...workflow.nodeTypes, 'test.source': source } };
}

/** The requests to the sandbox, as `POST 200 /v1/pika/create`. */
export function requestsOf(sandbox: Sandbox): string[] {
	return sandbox.requests.map(({ method, path, status }) => `${method} ${String(status)} ${path}`);
}
