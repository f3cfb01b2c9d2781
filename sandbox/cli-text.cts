import { networkInterfaces } from 'node:os';
import { isLoopback } from './access.cts';
import { MAGIC_WORDS } from './magic-words.cts';
import type { Sandbox } from './sandbox.cts';

const isBuilt = __filename.endsWith('.cjs');
/** How the reader has started it. */
export const COMMAND = isBuilt ? 'npx useapi-pika-sandbox' : 'npm run sandbox --';

const width = Math.max(...MAGIC_WORDS.map(([word]) => word.length));
const magicWords = MAGIC_WORDS.map(([word, meaning]) => `  ${word.padEnd(width)}  ${meaning}`).join(
	'\n',
);

/** What `--help` prints. */
export const HELP = `A local stand-in for useapi.net's Pika v1 API.

Usage: ${COMMAND} [--host ADDRESS] [--port N] [--token TOKEN] [--allow-host NAME] [--job-seconds N] [--help]

  --host ADDRESS     address to listen on (default 127.0.0.1: this machine only; 0.0.0.0: all networks)
  --port N           port to listen on (default 4010; 0: any free one)
  --token TOKEN      API token that it asks for (default on this machine: a fixed one; on other addresses: a new one)
  --allow-host NAME  public name under which it may be reached, for example behind a proxy; can be repeated
  --job-seconds N    seconds from a job's acceptance to its end, fractions allowed (default 5)
  --help             this text

Magic words in a prompt (the sandbox's own, not useapi.net's):
${magicWords}

Controls (no token needed on this machine; on other addresses the API token as a bearer token):
  GET    /                      a page that shows what happens, live, with buttons for the rest of these
  GET    /sandbox/requests, /sandbox/jobs, /sandbox/callbacks   what happened so far
  GET    /sandbox/faults        misbehaviours waiting to happen
  POST   /sandbox/faults        {"on": {"endpoint": "encrypt_image", "times": 2}, "do": {"answer": {"status": 503}}}
  DELETE /sandbox/faults        behave again
  GET    /sandbox/settings
  PATCH  /sandbox/settings      {"jobSeconds": 60, "linkSeconds": 3600, "subscriptionIsActive": true, "videoBytes": 0,
                                "videos": "rendered" or "canned", "videoWidth": 320, "videoFrames": 60}
  POST   /sandbox/jobs/<jobid>/finish   {"status": "failed"}; without a body the job ends as it was going to
  POST   /sandbox/reset         forget everything

A fault is {"on": which requests, "do": what happens to them}; one request suffers at most one.
  on  method, path, endpoint, nth (1), times (1), match {prompt, replyRef, jobid: a text they contain}
  do  answer, earlyAnswer, answerAfterAccepting {status, body, contentType, headers},
      resetBeforeAccepting ("headers" or "midway"), resetAfterAccepting, delay (milliseconds),
      jobSeconds, jobEnd, callbacks {times, isEarly, nonTerminal}, keepNothing

Pictures (no token needed):
  GET    /sandbox/pictures/message.png, /sandbox/pictures/reference.webp   (each as png, jpg, webp, gif)
  GET    /sandbox/pictures/generated.png?payload=1000000                   any size up to 1 GiB
`;

/** What is printed once the sandbox listens: where to look, the credential's values, and a command to paste. */
export function greeting(sandbox: Sandbox): string {
	const { apiToken, baseUrl, host, settings } = sandbox;
	const isLocal = isLoopback(host);
	const key = isLocal ? '' : `#token=${encodeURIComponent(apiToken)}`;
	const [first = baseUrl, ...others] = isLocal ? [] : urlsFromElsewhere(sandbox);
	return `The sandbox for useapi.net's Pika API is ready. Open its page in a browser:

  ${baseUrl}/${key}

In the n8n credential "useapi.net Pika API" put

  API Token  ${apiToken}
  Base URL   ${first}${others.map((url) => ` or ${url}`).join('')}
${isLocal ? '' : '\nand turn on "Allow Plain HTTP (Insecure)". Any name or address by which n8n reaches this machine will do.\n'}
To make a video without n8n, paste this into a shell, and watch the page:

  curl -sS -H "Authorization: Bearer ${apiToken}" -F "prompt=waves at noon" -F "message=Hello" "${baseUrl}/v1/pika/encrypt_text"

Every job takes ${settings.jobSeconds} seconds and ends in a video that hides its message in motion, in a way that is the
sandbox's own and not Pika's. Magic words in a prompt:
${magicWords}

Ctrl+C ends it; --help tells of its options and controls.
`;
}

/** What listening on this host risks; undefined if only this machine can connect. */
export function warningFor(host: string): string | undefined {
	if (isLoopback(host)) return undefined;
	return `WARNING: other machines can connect to ${host}, and nothing is encrypted. Whoever can listen in that network can read
the token, the pictures and the videos. Whoever has the token sees everything that is sent to the sandbox, and can
make it call any URL that this machine reaches. Use it in a network that you trust only, never with real tokens.
`;
}

/** Where other machines reach it, as far as this one knows. */
function urlsFromElsewhere({ baseUrl, host }: Sandbox): string[] {
	if (host !== '0.0.0.0' && host !== '::') return [baseUrl];
	const { port } = new URL(baseUrl);
	return Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.filter(({ family, internal }) => family === 'IPv4' && !internal)
		.map(({ address }) => `http://${address}:${port}`);
}
