import { networkInterfaces } from 'node:os';
import { isLoopback } from './access.cts';
import { MAGIC_WORDS } from './magic-words.cts';
import type { Sandbox } from './sandbox.cts';

const isBuilt = __filename.endsWith('.cjs');
/** The command that started the sandbox. */
export const COMMAND = isBuilt ? 'npx useapi-pika-sandbox' : 'npm run sandbox --';

const width = Math.max(...MAGIC_WORDS.map(([word]) => word.length));
const magicWords = MAGIC_WORDS.map(([word, meaning]) => `  ${word.padEnd(width)}  ${meaning}`).join(
	'\n',
);

/** The output of `--help`. */
export const HELP = `A local stand-in for useapi.net's Pika v1 API.

Usage: ${COMMAND} [--host ADDRESS] [--port N] [--token TOKEN] [--allow-host NAME] [--job-seconds N] [--help]

  --host ADDRESS     address to listen on (default 127.0.0.1: this machine only; 0.0.0.0: all networks)
  --port N           port to listen on (default 4010; 0: any free port)
  --token TOKEN      API token that requests must carry (default on this machine: a fixed one; on other addresses: a new one)
  --allow-host NAME  public name of the sandbox, for example behind a proxy; can be repeated
  --job-seconds N    seconds from the submission of a job to its end; fractions are allowed (default 5)
  --help             prints this text

Magic words in a prompt (the sandbox's own, not useapi.net's):
${magicWords}

Controls (no token needed on this machine; on other addresses the API token as a bearer token):
  GET    /                      a live page, with buttons for the other controls
  GET    /sandbox/requests, /sandbox/jobs, /sandbox/callbacks   what happened so far
  GET    /sandbox/faults        pending faults
  POST   /sandbox/faults        {"on": {"endpoint": "encrypt_image", "times": 2}, "do": {"answer": {"status": 503}}}
  DELETE /sandbox/faults        removes all faults
  GET    /sandbox/settings
  PATCH  /sandbox/settings      {"jobSeconds": 60, "linkSeconds": 3600, "subscriptionIsActive": true, "videoBytes": 0,
                                "videos": "rendered" or "canned", "videoWidth": 320, "videoFrames": 60}
  POST   /sandbox/jobs/<jobid>/finish   {"status": "failed"}; without a body, the job ends as planned
  POST   /sandbox/reset         deletes everything and restores the settings

A fault is {"on": which requests, "do": what happens to them}; at most one fault applies to a request.
  on  method, path, endpoint, nth (1), times (1), match {prompt, replyRef, jobid: a text they contain}
  do  answer, earlyAnswer, answerAfterAccepting {status, body, contentType, headers},
      resetBeforeAccepting ("headers" or "midway"), resetAfterAccepting, delay (milliseconds),
      jobSeconds, jobEnd, callbacks {times, isEarly, nonTerminal}, keepNothing

Pictures (no token needed):
  GET    /sandbox/pictures/message.png, /sandbox/pictures/reference.webp   (each as png, jpg, webp, gif)
  GET    /sandbox/pictures/generated.png?payload=1000000                   any size up to 1 GiB
`;

/** Printed when the sandbox is ready: its page, the values for the credential, and a command to try. */
export function greeting(sandbox: Sandbox): string {
	const { apiToken, baseUrl, host, settings } = sandbox;
	const isLocal = isLoopback(host);
	const key = isLocal ? '' : `#token=${encodeURIComponent(apiToken)}`;
	const [first = baseUrl, ...others] = isLocal ? [] : externalUrls(sandbox);
	return `The sandbox for useapi.net's Pika API is ready. Open its page in a browser:

  ${baseUrl}/${key}

Enter in the n8n credential "useapi.net Pika API":

  API Token  ${apiToken}
  Base URL   ${first}${others.map((url) => ` or ${url}`).join('')}
${isLocal ? '' : '\nand turn on "Allow Plain HTTP (Insecure)". Any name or address at which n8n reaches this machine works.\n'}
To make a video without n8n, run this in a terminal, and watch the page:

  curl -sS -H "Authorization: Bearer ${apiToken}" -F "prompt=waves at noon" -F "message=Hello" "${baseUrl}/v1/pika/encrypt_text"

Every job takes ${settings.jobSeconds} seconds and makes a video that hides the message in motion. The technique is the
sandbox's own, not Pika's. Magic words in a prompt:
${magicWords}

Press Ctrl+C to stop it. --help lists all options and controls.
`;
}

/** The risks of listening on this host; undefined if only this machine can connect. */
export function warningFor(host: string): string | undefined {
	if (isLoopback(host)) return undefined;
	return `WARNING: other machines can connect to ${host}, and nothing is encrypted. Anyone who can listen in that network can read
the token, the pictures and the videos. Anyone who has the token can see everything that is sent to the sandbox, and
can make it call any URL that this machine can reach. Use it only in a network that you trust, never with real tokens.
`;
}

/** The URLs at which other machines can probably reach the sandbox. */
function externalUrls({ baseUrl, host }: Sandbox): string[] {
	if (host !== '0.0.0.0' && host !== '::') return [baseUrl];
	const { port } = new URL(baseUrl);
	return Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.filter(({ family, internal }) => family === 'IPv4' && !internal)
		.map(({ address }) => `http://${address}:${port}`);
}
