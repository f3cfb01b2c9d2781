import { millisecondsByPlace } from '../../bench/report/cpu-profile.cts';

const node = (id: number, functionName: string, url = '', children: number[] = []) => ({
	id,
	callFrame: { functionName, url },
	children,
});

const MODULES = 'file:///n8n/node_modules';
const nodes = [
	node(1, '(root)', '', [2, 3, 4, 8, 9]),
	node(2, '(idle)'),
	node(3, '(garbage collector)'),
	node(4, 'query', `${MODULES}/n8n/node_modules/@n8n/typeorm/dist/query.js`, [5]),
	node(5, 'run', `${MODULES}/sqlite3/lib/sqlite3.js`, [6]),
	node(6, 'Database', '', [7]),
	node(7, 'prepare'),
	node(8, 'writev', 'node:internal/stream_base_commons'),
	node(9, 'runMicrotasks'),
];

it('The milliseconds of each place are summed without idle time, and native code counts for its caller.', () => {
	const samples = [2, 3, 4, 5, 6, 7, 8, 9];
	const timeDeltas = [9000, 1000, 2000, 4000, 8000, 16_000, 6000, 500];
	expect([...millisecondsByPlace({ nodes, samples, timeDeltas }, 2)]).toEqual([
		['sqlite3', 14],
		['Node itself', 3],
		['@n8n/typeorm', 1],
		['(garbage collector)', 0.5],
		['native code', 0.25],
	]);
});
