import { parseArgs } from 'node:util';
import { greeting, HELP } from './cli-text.cts';
import { startSandbox, type SandboxOptions } from './sandbox.cts';

const DEFAULT_PORT = 4010;

/** The value as a number from 0 to `largest`, or an error that names the option. */
function numberOf(option: string, value: string, largest: number, isWhole: boolean): number {
	const number = value.trim() === '' ? NaN : Number(value);
	if (number >= 0 && number <= largest && (!isWhole || Number.isInteger(number))) return number;
	throw new Error(`--${option} must be a ${isWhole ? 'whole ' : ''}number from 0 to ${largest}`);
}

function optionsFromArguments(): SandboxOptions | 'help' {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: String(DEFAULT_PORT) },
			'job-seconds': { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return 'help';
	const seconds = values['job-seconds'];
	return {
		port: numberOf('port', values.port, 65535, true),
		...(seconds === undefined ? {} : { jobSeconds: numberOf('job-seconds', seconds, 1e9, false) }),
	};
}

function explanationOf(error: unknown, port: number): string {
	if (!(error instanceof Error)) return String(error);
	if ('code' in error && error.code === 'EADDRINUSE') {
		return `Port ${port} is taken. Choose another one: npm run sandbox -- --port ${port + 1}`;
	}
	return error.message;
}

async function main(): Promise<void> {
	let port = DEFAULT_PORT;
	try {
		const options = optionsFromArguments();
		if (options === 'help') {
			console.log(HELP);
			return;
		}
		port = options.port ?? DEFAULT_PORT;
		const sandbox = await startSandbox({
			...options,
			videos: 'rendered',
			log: (line) => {
				console.log(line);
			},
		});
		console.log(greeting(sandbox));
		const stop = () => {
			// A second Ctrl+C then ends the process at once.
			process.off('SIGINT', stop).off('SIGTERM', stop);
			void sandbox.stop();
		};
		process.on('SIGINT', stop).on('SIGTERM', stop);
	} catch (error) {
		console.error(explanationOf(error, port));
		process.exitCode = 1;
	}
}

void main();
