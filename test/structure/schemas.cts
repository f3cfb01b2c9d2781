import { textOf } from './source.cts';

/**
 * The path of the schema of an operation's output. n8n finds it by typeVersion, resource and operation; for a video
 * without its own, the build copies that of Video: Create there (gulpfile.js).
 */
export function schemaOf(resource: string, operation: string): string {
	const folder = `nodes/Pika/__schema__/v2.0.0/${resource}`;
	const own = `${folder}/${operation}.json`;
	return resource === 'video' && textOf(own) === '' ? `${folder}/create.json` : own;
}
