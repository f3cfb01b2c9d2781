#!/usr/bin/env node
import {
	DEFAULT_ADDRESS,
	startErrorMessage,
	optionsFrom,
	type ListenAddress,
} from './cli-options.cts';
import { greeting, HELP, warningFor } from './cli-text.cts';
import { startSandbox } from './sandbox.cts';

async function main(): Promise<void> {
	let address: ListenAddress = DEFAULT_ADDRESS;
	try {
		const options = optionsFrom(process.argv.slice(2));
		if (options === 'help') {
			console.log(HELP);
			return;
		}
		address = options;
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
			// Lets a second Ctrl+C end the process at once.
			process.off('SIGINT', stop).off('SIGTERM', stop);
			void sandbox.stop();
		};
		process.on('SIGINT', stop).on('SIGTERM', stop);
	} catch (error) {
		console.error(startErrorMessage(error, address));
		process.exitCode = 1;
	}
}

void main();
