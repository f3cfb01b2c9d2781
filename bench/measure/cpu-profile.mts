import type { CpuProfile } from '../../scripts/inspector.mts';

/** Milliseconds of CPU for each of `count` pieces of work, by where the running function comes from, the most expensive first. */
export function millisecondsByPlace(
	{ nodes, samples = [], timeDeltas = [] }: CpuProfile,
	count = 1,
): Map<string, number> {
	const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
	const sums = new Map<string, number>();
	samples.forEach((id, i) => {
		const place = places.get(id) ?? '';
		sums.set(place, (sums.get(place) ?? 0) + (timeDeltas[i] ?? 0) / 1000 / count);
	});
	sums.delete('(idle)');
	return new Map([...sums].toSorted(([, one], [, other]) => other - one));
}

/** The npm package of a function, `node:` for Node's own, or V8's name such as `(garbage collector)`. */
function placeOf({ url, functionName }: CpuProfile['nodes'][number]['callFrame']): string {
	if (url === '') return functionName.startsWith('(') ? functionName : 'native code';
	if (url.startsWith('node:')) return 'Node itself';
	const inModules = url.split('/node_modules/').at(-1) ?? '';
	const [first = '', second = ''] = inModules.split('/');
	return first.startsWith('@') ? `${first}/${second}` : first;
}
