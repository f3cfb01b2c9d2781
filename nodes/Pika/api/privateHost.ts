/** From where a host can be reached: only from its own machine, from its own network, or from everywhere. */
type Reach = 'machine' | 'network' | 'internet';

/** Names that no public name server knows: reserved names, and those that routers and companies commonly use. */
const PRIVATE_NAME =
	/(^|\.)(local|internal|lan|home\.arpa|localdomain|home|corp|intranet|private|test|invalid)$/;
const LOOPBACK_NAME = /(^|\.)localhost$/;
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

const MULTICAST_AND_RESERVED = 224;

function reachOfIpv4([first = 0, second = 0]: number[]): Reach {
	if (first === 127 || first === 0) return 'machine';
	const isPrivate =
		first === 10 ||
		(first === 172 && second >= 16 && second < 32) ||
		(first === 192 && second === 168) ||
		// Link-local, carrier-grade NAT, and benchmarking
		(first === 169 && second === 254) ||
		(first === 100 && second >= 64 && second < 128) ||
		(first === 198 && (second === 18 || second === 19)) ||
		first >= MULTICAST_AND_RESERVED;
	return isPrivate ? 'network' : 'internet';
}

/** The eight groups of an address as `URL` writes it: in lower case, shortened, without an IPv4 part. */
function groupsOf(address: string): number[] {
	const [head = '', tail] = address.split('::');
	const parse = (part: string) =>
		part === '' ? [] : part.split(':').map((group) => parseInt(group, 16));
	const [before, after] = [parse(head), parse(tail ?? '')];
	const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
	return [...before, ...Array<number>(zeros).fill(0), ...after];
}

function ipv4Of(high = 0, low = 0): number[] {
	return [high >> 8, high & 0xff, low >> 8, low & 0xff];
}

/** The IPv4 address that an IPv6 address stands for, if it does. */
function embeddedIpv4(groups: number[]): number[] | undefined {
	const [first, second, third, , , sixth, seventh, eighth] = groups;
	const isZeroUpTo = (end: number) => groups.slice(0, end).every((group) => group === 0);
	if (isZeroUpTo(5) && (sixth === 0xffff || sixth === 0)) return ipv4Of(seventh, eighth);
	if (isZeroUpTo(4) && groups[4] === 0xffff && sixth === 0) return ipv4Of(seventh, eighth);
	if (first === 0x64 && second === 0xff9b) return ipv4Of(seventh, eighth);
	return first === 0x2002 ? ipv4Of(second, third) : undefined;
}

function reachOfIpv6(address: string): Reach {
	const groups = groupsOf(address);
	const [first = 0] = groups;
	if (groups.slice(0, 7).every((group) => group === 0) && (groups[7] ?? 0) <= 1) return 'machine';
	const ipv4 = embeddedIpv4(groups);
	if (ipv4) return reachOfIpv4(ipv4);
	// Unique local, link-local and site-local, multicast
	const isPrivate = (first & 0xfe00) === 0xfc00 || (first & 0xff80) === 0xfe80 || first >= 0xff00;
	return isPrivate ? 'network' : 'internet';
}

function reachOf({ hostname }: URL): Reach {
	const name = hostname.toLowerCase().replace(/\.+$/, '');
	if (name.startsWith('[')) return reachOfIpv6(name.slice(1, -1));
	if (IPV4.test(name)) return reachOfIpv4(name.split('.').map(Number));
	if (LOOPBACK_NAME.test(name)) return 'machine';
	return PRIVATE_NAME.test(name) || !name.includes('.') ? 'network' : 'internet';
}

/**
 * True if a host can only be reached from its own machine or network, judging by its name or address. Names are not
 * resolved.
 */
export function isPrivate(url: URL): boolean {
	return reachOf(url) !== 'internet';
}

/** True if a server cannot call a URL, judging by both hosts: a private URL can only be called from its own surroundings. */
export function isOutOfReach(url: URL, server: URL): boolean {
	const [reach, from] = [reachOf(url), reachOf(server)];
	return reach === 'machine' ? from !== 'machine' : reach === 'network' && from === 'internet';
}
