import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';
import { isLoopback } from './access.cts';
import { COMMAND } from './cli-text.cts';
import type { SandboxOptions } from './sandbox.cts';

export const DEFAULT_PLACE = { host: '127.0.0.1', port: 4010 };
/** What needs no quoting, neither in a header nor in a shell. */
const TOKEN = /^[\w.:~+/=@-]+$/;
const OPTIONS = {
	host: { type: 'string', default: DEFAULT_PLACE.host },
	port: { type: 'string', default: String(DEFAULT_PLACE.port) },
	token: { type: 'string' },
	'allow-host': { type: 'string', multiple: true, default: [] as string[] },
	'job-seconds': { type: 'string' },
	help: { type: 'boolean', default: false },
} as const;

/** Where it listens. */
export interface Place {
	host: string;
	port: number;
}

/** The value as a number from 0 to `largest`, or an error that names the option. */
function numberOf(option: string, value: string, largest: number, isWhole: boolean): number {
	const number = value.trim() === '' ? NaN : Number(value);
	if (number >= 0 && number <= largest && (!isWhole || Number.isInteger(number))) return number;
	throw new Error(`--${option} must be a ${isWhole ? 'whole ' : ''}number from 0 to ${largest}`);
}

/** As useapi.net's tokens look. */
function newToken(): string {
	return `user:1000-${randomBytes(16).toString('hex')}`;
}

function tokenFor(host: string, given: string | undefined): { apiToken?: string } {
	if (given === undefined) return isLoopback(host) ? {} : { apiToken: newToken() };
	if (TOKEN.test(given)) return { apiToken: given };
	throw new Error('--token must consist of letters, digits and the characters . : ~ + / = @ _ -');
}

function readArguments(args: string[]) {
	try {
		return parseArgs({ args, options: OPTIONS }).values;
	} catch (error) {
		// What follows the first sentence is about arguments that this command does not take.
		const [problem = ''] = messageOf(error).split(/\.\s/);
		const options = Object.keys(OPTIONS).map((name) => `--${name}`);
		throw new Error(`${problem}. The options are ${options.join(', ')}`, { cause: error });
	}
}

/** What the command line asks for; throws an error for its reader where it cannot be understood. */
export function optionsFrom(args: string[]): (SandboxOptions & Place) | 'help' {
	const values = readArguments(args);
	if (values.help) return 'help';
	const { host, 'job-seconds': seconds } = values;
	if (host.trim() === '')
		throw new Error('--host must be an address of this machine, or a name of it');
	return {
		host,
		port: numberOf('port', values.port, 65535, true),
		allowedHosts: values['allow-host'],
		...tokenFor(host, values.token),
		...(seconds === undefined ? {} : { jobSeconds: numberOf('job-seconds', seconds, 1e9, false) }),
	};
}

/** What to do if it cannot listen there, by the code of the error. */
const PROBLEMS: Record<string, (place: Place) => string> = {
	EADDRINUSE: ({ port }) =>
		`Port ${port} is taken. End the program that listens there, perhaps another sandbox, or choose another port: ${COMMAND} --port ${port === 65535 ? 0 : port + 1}`,
	EACCES: ({ port }) =>
		`This user must not listen on port ${port}. Choose one from 1024 on: ${COMMAND} --port ${DEFAULT_PLACE.port}`,
	...Object.fromEntries(
		['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].map((code) => [
			code,
			({ host }: Place) =>
				`${host} is not an address of this machine. Give --host one of its own, 127.0.0.1 for this machine only, or 0.0.0.0 for all its networks`,
		]),
	),
	...Object.fromEntries(
		['ENOTFOUND', 'EAI_AGAIN'].map((code) => [
			code,
			({ host }: Place) =>
				`There is no host ${host}. Give --host an address of this machine, for example 127.0.0.1`,
		]),
	),
};

function messageOf(error: unknown): string {
	return isNativeError(error) ? error.message : String(error);
}

/** What to tell the reader if it cannot start. */
export function explanationOf(error: unknown, place: Place): string {
	const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
	return PROBLEMS[code]?.(place) ?? messageOf(error);
}
