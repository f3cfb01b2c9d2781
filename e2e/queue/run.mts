import { withProgress } from '../../scripts/with-progress.mts';
import { runTests } from '../runner.mts';
import { providePostgres } from './fixture/postgres.mts';
import { provideRedis } from './fixture/redis.mts';

const help = `Usage: npm run e2e:queue [-- <part of a file name> ...]

Packs the package, starts real n8n in queue mode with it (PostgreSQL, Redis, a main process, one or two webhook processes
and two workers), and runs the tests of e2e/queue/ on them. PostgreSQL and Redis come from Debian's packages if they are
missing. With arguments: only the files whose names contain one of them.

PIKA_N8N_VERSION=x.y.z takes another version of n8n. PIKA_E2E_KEEP=1 keeps what all of them wrote.`;

async function provide(signal: AbortSignal): Promise<void> {
	await withProgress('Provide PostgreSQL and Redis', async (onLine) => {
		await providePostgres({ onLine, signal });
		await provideRedis({ onLine, signal });
	});
}

process.exitCode = await runTests({ help, folder: import.meta.dirname, provide });
