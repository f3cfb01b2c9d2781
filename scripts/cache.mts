import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder of this user's cache in which Node and n8n are kept, so that every checkout shares one copy.
 * It does not create the folder.
 */
export function cacheFolder(): string {
	return join(userCacheFolder(), 'n8n-nodes-useapi-pika');
}

function userCacheFolder(): string {
	if (process.platform === 'win32') {
		return process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
	}
	if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
	// An empty XDG_CACHE_HOME counts as unset (XDG Base Directory Specification).
	return process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
}
