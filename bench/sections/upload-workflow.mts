import type { Workflow } from '../../scripts/workflow-file.mts';
import {
	chain,
	endNode,
	itemNodes,
	type Link,
	manualTrigger,
	node,
	type Node,
	pikaNode,
	workflow,
} from '../../e2e/fixture/workflows.mts';
import type { MeasuredN8n } from '../measure/n8n.mts';

/** What a user could choose to submit an image with. */
export type Uploader = 'pika' | 'http';

export interface UploadWorkflowOptions {
	uploader: Uploader;
	/** Bytes of each image, and how many images there are. */
	size: number;
	count: number;
	atOnce: number;
	sandboxUrl: string;
	/** Called when the images are in n8n's store, before the node that is measured. */
	gateUrl: string;
}

export const MEASURED = 'Upload';

const PNG_SIGNATURE_BYTES = 8;
/** n8n's own HTTP Request node sends all its items at the same time; this many pictures are fetched at a time. */
const FETCH_AT_ONCE = 10;

/** The text fields of the form. Pika sends its own reply reference instead, as it does by default. */
export function fieldsOf(atOnce: number): Record<string, string> {
	return { prompt: 'side by side', maxJobs: String(Math.max(10, atOnce)), replyRef: 'bench' };
}

function fileNode(name: string, url: string, binaryField: string, settings: object = {}): Node {
	const response = { responseFormat: 'file', outputPropertyName: binaryField };
	const batching = { batch: { batchSize: FETCH_AT_ONCE, batchInterval: 100 } };
	const parameters = { url, options: { batching, response: { response } } };
	return node(name, 'n8n-nodes-base.httpRequest', 4.2, parameters, settings);
}

function httpUploadNode(sandboxUrl: string, atOnce: number, bearer: MeasuredN8n['bearer']): Node {
	const texts = Object.entries(fieldsOf(atOnce)).map(([name, value]) => ({ name, value }));
	const message = {
		parameterType: 'formBinaryData',
		name: 'message',
		inputDataFieldName: 'data',
	};
	const parameters = {
		method: 'POST',
		url: `${sandboxUrl}/v1/pika/encrypt_image`,
		authentication: 'genericCredentialType',
		genericAuthType: 'httpBearerAuth',
		sendBody: true,
		contentType: 'multipart-form-data',
		bodyParameters: { parameters: [...texts, message] },
		options: {},
	};
	const { id, name } = bearer;
	return node(MEASURED, 'n8n-nodes-base.httpRequest', 4.5, parameters, {
		credentials: { httpBearerAuth: { id, name } },
	});
}

function pikaUploadNode(atOnce: number): Node {
	const { prompt, maxJobs } = fieldsOf(atOnce);
	const options = { maxJobs: Number(maxJobs) };
	return pikaNode({ prompt, options }, {}, MEASURED);
}

/**
 * Images into n8n's store, then the gate, then the node that is measured. Pika keeps to `atOnce` by itself; around the
 * HTTP Request node it takes a loop.
 */
export function uploadWorkflow(
	{ bearer, credential }: MeasuredN8n,
	{ uploader, size, count, atOnce, sandboxUrl, gateUrl }: UploadWorkflowOptions,
): Workflow {
	const payload = size - PNG_SIGNATURE_BYTES;
	const picture = `${sandboxUrl}/sandbox/pictures/generated.png?payload=${payload}`;
	const ready = [
		manualTrigger,
		...itemNodes(Array.from({ length: count }, (_, i) => ({ i }))),
		fileNode('Pictures', picture, 'data'),
		fileNode('Gate', `${gateUrl}/settled`, 'gate'),
	];
	const measured =
		uploader === 'pika'
			? pikaUploadNode(Math.min(atOnce, count))
			: httpUploadNode(sandboxUrl, Math.min(atOnce, count), bearer);
	if (uploader === 'pika' || count === 1) {
		return workflow(chain(...ready, measured), { credential });
	}
	const loop = node('Loop', 'n8n-nodes-base.splitInBatches', 3, {
		batchSize: atOnce,
		options: {},
	});
	const links: Link[] = [
		...chain(...ready, loop),
		[loop, endNode('Done'), 0],
		[loop, measured, 1],
		[measured, loop],
	];
	return workflow(links, { credential });
}
