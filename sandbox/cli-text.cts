import { MAGIC_WORDS } from './magic-words.cts';
import type { Sandbox } from './sandbox.cts';

const width = Math.max(...MAGIC_WORDS.map(([word]) => word.length));
const magicWords = MAGIC_WORDS.map(([word, meaning]) => `  ${word.padEnd(width)}  ${meaning}`).join(
	'\n',
);

/** What `--help` prints. */
export const HELP = `A local stand-in for useapi.net's Pika v1 API, on 127.0.0.1 only.

Usage: npm run sandbox -- [--port N] [--job-seconds N] [--help]

  --port N         port to listen on (default 4010; 0: any free one)
  --job-seconds N  seconds from a job's acceptance to its end, fractions allowed (default 5)
  --help           this text

Magic words in a prompt (the sandbox's own, not useapi.net's):
${magicWords}

Controls (no token needed):
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

Pictures:
  GET    /sandbox/pictures/message.png, /sandbox/pictures/reference.webp   (each as png, jpg, webp, gif)
  GET    /sandbox/pictures/generated.png?payload=1000000                   any size up to 1 GiB
`;

/** What is printed once the sandbox listens: the credential's values and commands to paste. */
export function greeting({ baseUrl, apiToken, settings }: Sandbox): string {
	const authorization = `-H "Authorization: Bearer ${apiToken}"`;
	return `The sandbox for useapi.net's Pika API is ready. To watch it, open ${baseUrl}/ in a browser. In the n8n credential "useapi.net Pika API" put

  Base URL   ${baseUrl}
  API Token  ${apiToken}

Every job takes ${settings.jobSeconds} seconds and ends in a video that hides its message in motion, in a way that is the
sandbox's own and not Pika's. Magic words in a prompt:
${magicWords}

To try it from a shell:
  curl -sS -o message.png ${baseUrl}/sandbox/pictures/message.png
  jobid=$(curl -sS ${authorization} -F "prompt=waves crashing over the sandy beach" -F "message=@message.png" ${baseUrl}/v1/pika/encrypt_image | sed -E 's/.*"jobid":"([^"]+)".*/\\1/')
  curl -sS ${authorization} "${baseUrl}/v1/pika/jobs/?jobid=$jobid"
  curl -sS ${authorization} ${baseUrl}/v1/pika/jobs
  curl -sS ${baseUrl}/sandbox/requests

Ctrl+C ends it; --help tells of its controls.
`;
}
