import envPaths from 'env-paths';

/**
 * The folder in this user's cache that holds Node and n8n, so that all checkouts share one copy.
 * This does not create the folder.
 */
export function cacheFolder(): string {
	return envPaths('n8n-nodes-useapi-pika', { suffix: '' }).cache;
}
