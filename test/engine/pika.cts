import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	IWorkflowSettings,
} from 'n8n-workflow';

import { UseApiPikaApi } from '../../credentials/UseApiPikaApi.credentials';
import { Pika } from '../../nodes/Pika/Pika.node';
import type { Sandbox } from '../../sandbox/sandbox.cts';
import { Collect } from './harness/collect.cts';
import type { RunOptions } from './harness/run.cts';
import { Source, type SourceItem } from './harness/source.cts';
import { watched } from './harness/watched.cts';
import { picture } from './pictures.cts';

export interface PikaWorkflow {
	sandbox: Pick<Sandbox, 'apiToken' | 'baseUrl'>;
	items?: SourceItem[];
	parameters?: IDataObject;
	/** Settings of the Pika node itself, such as `onError`. */
	node?: Partial<INode>;
	settings?: IWorkflowSettings;
	credential?: ICredentialDataDecryptedObject;
	publicUrl?: string;
}

/** One item with a small image in the binary field `data`. */
export function imageItem(
	json: IDataObject = {},
	content: Buffer = picture('image/png', 8),
): SourceItem {
	return { json, binary: { data: { content, fileName: 'message.png' } } };
}

/** Source → Pika → Collect (and → Failed, if the node has an error output), with the sandbox as the API. */
export function pikaWorkflow(options: PikaWorkflow): RunOptions {
	const { sandbox, items = [imageItem()], parameters, node, settings, credential } = options;
	// No server listens there: tests deliver callbacks to the engine themselves.
	const { publicUrl = 'http://127.0.0.1:1' } = options;
	return {
		nodes: [
			{ name: 'Source', type: 'test.source' },
			{
				name: 'Pika',
				type: 'n8n-nodes-useapi-pika.pika',
				typeVersion: 2,
				parameters: {
					resource: 'video',
					operation: 'encryptImage',
					prompt: 'waves crashing over the sandy beach',
					completion: 'off',
					download: false,
					...parameters,
				},
				...node,
			},
			{ name: 'Collect', type: 'test.collect' },
			{ name: 'Failed', type: 'test.collect' },
		],
		connections: [
			['Source', 'Pika'],
			['Pika', 'Collect'],
			...(node?.onError === 'continueErrorOutput' ? ([['Pika', 'Failed', 1]] as const) : []),
		],
		nodeTypes: {
			'test.source': new Source(items),
			'test.collect': new Collect(),
			'n8n-nodes-useapi-pika.pika': watched(new Pika()),
		},
		settings,
		publicUrl,
		credentials: {
			useApiPikaApi: { apiToken: sandbox.apiToken, baseUrl: sandbox.baseUrl, ...credential },
		},
		credentialTypes: [new UseApiPikaApi()],
	};
}

export interface CreateWorkflow extends Omit<PikaWorkflow, 'items'> {
	/** The fields of each item; an item without a prompt gets a unique one. */
	items: IDataObject[];
}

/** The same with Pika's `create`, which needs no image, and which waits by polling unless the parameters say otherwise. */
export function createWorkflow({ items, parameters, ...options }: CreateWorkflow): RunOptions {
	return pikaWorkflow({
		...options,
		items: items.map((json, i) => ({ json: { prompt: `prompt ${i}`, ...json } })),
		parameters: {
			operation: 'create',
			completion: 'poll',
			prompt: '={{ $json.prompt }}',
			...parameters,
		},
	});
}

/** Items without fields. */
export function emptyItems(count: number): IDataObject[] {
	return Array.from({ length: count }, () => ({}));
}
