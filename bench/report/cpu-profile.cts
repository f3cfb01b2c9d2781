/** What is needed of a profile of V8; samples are the nodes' ids, with the microseconds that passed before each. */
interface Profile {
	nodes: ReadonlyArray<{
		id: number;
		callFrame: { url: string; functionName: string };
		children?: number[];
	}>;
	samples?: number[];
	timeDeltas?: number[];
}

type CallFrame = Profile['nodes'][number]['callFrame'];

/** Milliseconds of CPU for each of `count` pieces of work, by where the running function comes from, the most expensive first. */
export function millisecondsByPlace(profile: Profile, count = 1): Map<string, number> {
	const { samples = [], timeDeltas = [] } = profile;
	const places = placesOf(profile);
	const sums = new Map<string, number>();
	samples.forEach((id, i) => {
		const place = places.get(id) ?? '';
		sums.set(place, (sums.get(place) ?? 0) + (timeDeltas[i] ?? 0) / 1000 / count);
	});
	sums.delete('(idle)');
	return new Map([...sums].toSorted(([, one], [, other]) => other - one));
}

/** The place of each node. Native code has none of its own: it counts for whoever calls it. */
function placesOf({ nodes }: Profile): Map<number, string> {
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const callers = new Map(
		nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
	);
	const placeOf = (id: number): string => {
		const frame = byId.get(id)?.callFrame;
		const caller = callers.get(id);
		if (frame && !isNative(frame)) return placeOfFunction(frame);
		return caller === undefined ? 'native code' : placeOf(caller);
	};
	return new Map(nodes.map(({ id }) => [id, placeOf(id)]));
}

/** V8 puts the names of everything other than functions in parentheses. */
const isNative = ({ url, functionName }: CallFrame) => url === '' && !functionName.startsWith('(');

/** The npm package of a function, Node's own, or V8's name such as `(garbage collector)`. */
function placeOfFunction({ url, functionName }: CallFrame): string {
	if (url === '') return functionName === '(root)' ? 'native code' : functionName;
	if (url.startsWith('node:')) return 'Node itself';
	const inModules = url.split('/node_modules/').at(-1) ?? '';
	const [first = '', second = ''] = inModules.split('/');
	return first.startsWith('@') ? `${first}/${second}` : first;
}
