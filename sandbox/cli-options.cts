import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';
import { isLoopback } from './access.cts';
import { COMMAND } from './cli-text.cts';
import type { SandboxOptions } from './sandbox.cts';

export const DEFAULT_ADDRESS = { host: '127.0.0.1', port: 4010 };
/** Needs no quoting in a header or a shell. */
const TOKEN = /^[\w.:~+/=@-]+$/;
const OPTIONS = {
	host: { type: 'string', default: DEFAULT_ADDRESS.host },
	port: { type: 'string', default: String(DEFAULT_ADDRESS.port) },
	token: { type: 'string' },
	'allow-host': { type: 'string', multiple: true, default: [] as string[] },
	'job-seconds': { type: 'string' },
	help: { type: 'boolean', default: false },
} as const;

/** Where the sandbox listens. */
export interface ListenAddress {
	host: string;
	port: number;
}

/** Throws an error that names the option if the value is not a number from 0 to `largest`. */
function parseNumber(option: string, value: string, largest: number, isWhole: boolean): number {
	const number = value.trim() === '' ? NaN : Number(value);
	if (number >= 0 && number <= largest && (!isWhole || Number.isInteger(number))) return number;
	throw new Error(`--${option} must be a ${isWhole ? 'whole ' : ''}number from 0 to ${largest}`);
}

/** Has the format of a useapi.net token. */
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
		// The rest of Node's message explains positional arguments, which this command does not accept.
		const [problem = ''] = messageOf(error).split(/\.\s/);
		const options = Object.keys(OPTIONS).map((name) => `--${name}`);
		throw new Error(`${problem}. The options are ${options.join(', ')}`, { cause: error });
	}
}

/** Parses the command line. Throws an error with a message for the user if it is invalid. */
export function optionsFrom(args: string[]): (SandboxOptions & ListenAddress) | 'help' {
	const values = readArguments(args);
	if (values.help) return 'help';
	const { host, 'job-seconds': seconds } = values;
	if (host.trim() === '')
		throw new Error('--host must be an address of this machine, or a name of it');
	return {
		host,
		port: parseNumber('port', values.port, 65535, true),
		allowedHosts: values['allow-host'],
		...tokenFor(host, values.token),
		...(seconds === undefined
			? {}
			: { jobSeconds: parseNumber('job-seconds', seconds, 1e9, false) }),
	};
}

/** What to do if the sandbox cannot listen there, by error code. */
const START_ERRORS: Record<string, (address: ListenAddress) => string> = {
	EADDRINUSE: ({ port }) =>
		`Port ${port} is taken. End the program that listens there, perhaps another sandbox, or choose another port: ${COMMAND} --port ${port === 65535 ? 0 : port + 1}`,
	EACCES: ({ port }) =>
		`This user must not listen on port ${port}. Choose one from 1024 on: ${COMMAND} --port ${DEFAULT_ADDRESS.port}`,
	...Object.fromEntries(
		['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].map((code) => [
			code,
			({ host }: ListenAddress) =>
				`${host} is not an address of this machine. Give --host one of its own, 127.0.0.1 for this machine only, or 0.0.0.0 for all its networks`,
		]),
	),
	...Object.fromEntries(
		['ENOTFOUND', 'EAI_AGAIN'].map((code) => [
			code,
			({ host }: ListenAddress) =>
				`There is no host ${host}. Give --host an address of this machine, for example 127.0.0.1`,
		]),
	),
};

function messageOf(error: unknown): string {
	return isNativeError(error) ? error.message : String(error);
}

/** The message for the user if the sandbox cannot start. */
export function startErrorMessage(error: unknown, address: ListenAddress): string {
	const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
	return START_ERRORS[code]?.(address) ?? messageOf(error);
}
