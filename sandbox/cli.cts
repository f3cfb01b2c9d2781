#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isLoopback } from './access.cts';
import { COMMAND, greeting, HELP, warningFor } from './cli-text.cts';
import { startSandbox, type SandboxOptions } from './sandbox.cts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 4010;
/** What needs no quoting, neither in a header nor in a shell. */
const TOKEN = /^[\w.:~+/=@-]+$/;
const OPTIONS = {
	host: { type: 'string', default: DEFAULT_HOST },
	port: { type: 'string', default: String(DEFAULT_PORT) },
	token: { type: 'string' },
	'allow-host': { type: 'string', multiple: true, default: [] as string[] },
	'job-seconds': { type: 'string' },
	help: { type: 'boolean', default: false },
} as const;

interface Place {
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

function readArguments() {
	try {
		return parseArgs({ options: OPTIONS }).values;
	} catch (error) {
		// What follows the first sentence is about arguments that this command does not take.
		const [problem = ''] = messageOf(error).split(/\.\s/);
		const options = Object.keys(OPTIONS).map((name) => `--${name}`);
		throw new Error(`${problem}. The options are ${options.join(', ')}`, { cause: error });
	}
}

function optionsFromArguments(): (SandboxOptions & Place) | 'help' {
	const values = readArguments();
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
		`This user must not listen on port ${port}. Choose one from 1024 on: ${COMMAND} --port ${DEFAULT_PORT}`,
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
	return error instanceof Error ? error.message : String(error);
}

function explanationOf(error: unknown, place: Place): string {
	const code = error instanceof Error && 'code' in error ? String(error.code) : '';
	return PROBLEMS[code]?.(place) ?? messageOf(error);
}

async function main(): Promise<void> {
	let place = { host: DEFAULT_HOST, port: DEFAULT_PORT };
	try {
		const options = optionsFromArguments();
		if (options === 'help') {
			console.log(HELP);
			return;
		}
		place = options;
		const sandbox = await startSandbox({
			...options,
			videos: 'rendered',
			log: (line) => {
				console.log(line);
			},
		});
		console.log(greeting(sandbox));
		const warning = warningFor(sandbox.host);
		if (warning) console.warn(warning);
		const stop = () => {
			// A second Ctrl+C then ends the process at once.
			process.off('SIGINT', stop).off('SIGTERM', stop);
			void sandbox.stop();
		};
		process.on('SIGINT', stop).on('SIGTERM', stop);
	} catch (error) {
		console.error(explanationOf(error, place));
		process.exitCode = 1;
	}
}

void main();
