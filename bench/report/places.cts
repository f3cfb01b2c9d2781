import type { Measurement } from './measurement.cts';

/** Milliseconds of CPU for one piece of work, by where they went. */
export interface Profiled {
	name: string;
	milliseconds: ReadonlyMap<string, number>;
}

/** Of the places where the time goes, those that make the largest difference. */
const PLACES_SHOWN = 8;

/** What a piece of work takes in all, and in the places where it takes the most more than the other one. */
export function byPlace(
	section: string,
	what: string,
	ours: Profiled,
	theirs: Profiled,
): Measurement[] {
	const at = ({ milliseconds }: Profiled, place: string) => milliseconds.get(place) ?? 0;
	const difference = (place: string) => at(ours, place) - at(theirs, place);
	const row = (where: string, valueOf: (of: Profiled) => number): Measurement => ({
		section,
		what: `${what}, ${where}`,
		unit: 'ms',
		ours: { name: ours.name, values: [valueOf(ours)] },
		theirs: { name: theirs.name, values: [valueOf(theirs)] },
	});
	const places = [...ours.milliseconds.keys()]
		.toSorted((one, other) => difference(other) - difference(one))
		.slice(0, PLACES_SHOWN);
	const inAll = ({ milliseconds }: Profiled) =>
		[...milliseconds.values()].reduce((sum, each) => sum + each, 0);
	return [row('in all', inAll), ...places.map((place) => row(place, (of) => at(of, place)))];
}
