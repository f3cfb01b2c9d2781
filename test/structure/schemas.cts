import { textOf } from './source.cts';

/**
 * Where the schema of an operation's output is. n8n looks it up by typeVersion, resource and operation; for a video
 * without its own, the build copies that of Video: Create there (gulpfile.js).
 */
export function schemaOf(resource: string, operation: string): string {
	const folder = `nodes/Pika/__schema__/v2.0.0/${resource}`;
	const own = `${folder}/${operation}.json`;
	return resource === 'video' && textOf(own) === '' ? `${folder}/create.json` : own;
}
