// Plain JavaScript, because the browser takes it as it is. Every value becomes text through Preact, never markup.
import { html, render, useEffect, useRef, useState } from '/sandbox/page/preact.js';

const RUNNING = new Set(['created', 'started', 'progress']);
const ENDINGS = [
	['completed', 'Finish'],
	['failed', 'Fail'],
	['moderated', 'Moderate'],
	['cancelled', 'Cancel'],
];
const SUBMISSIONS = ['encrypt_image', 'encrypt_text', 'create', 'animate', 'button'];
const FAULTS = {
	'Respond with 429': { answer: { status: 429, body: { error: 'Too many requests', code: 429 } } },
	'Respond with 500': { answer: { status: 500, body: { error: 'Internal error', code: 500 } } },
	'Respond with 503 in HTML': { answer: { status: 503, body: '<h1>Unavailable</h1>' } },
	'Break the connection, create no job': { resetBeforeAccepting: 'midway' },
	'Create the job, then break the connection': { resetAfterAccepting: true },
	'Respond five seconds late': { delay: 5000 },
};
const FAULT_LABELS = Object.fromEntries(Object.keys(FAULTS).map((label) => [label, label]));

const ENDPOINTS = {
	...Object.fromEntries(SUBMISSIONS.map((endpoint) => [endpoint, endpoint])),
	'jobs/': 'jobs/ (get one job)',
	jobs: 'jobs (list running jobs)',
	'jobs/cancel': 'jobs/cancel',
	account: 'account',
	attachments: 'attachments (download a video)',
};

const VIDEOS = {
	rendered: 'Rendered from the inputs of each job',
	canned: 'The same clip for every job',
};

const SETTINGS = {
	jobSeconds: {
		label: 'Seconds per job',
		hint: 'From submission to end. Jobs that are already running keep their time.',
	},
	linkSeconds: {
		label: 'Seconds until links expire',
		hint: 'For the video links of jobs that end from now on. useapi.net’s links seem to last a day.',
	},
	subscriptionIsActive: {
		label: 'Subscription is active',
		hint: 'If not, requests about jobs are answered with 402, as if the subscription had ended.',
	},
	videoBytes: {
		label: 'Minimum size of a video in bytes',
		hint: 'Smaller files are padded, to test large downloads. 0: no padding.',
	},
	videos: {
		label: 'Videos',
		hint: 'A clip needs no rendering, so jobs end sooner on a slow machine.',
	},
	videoWidth: {
		label: 'Width of a video in pixels',
		hint: 'From 80 to 640, in steps of 80. Only for rendered videos.',
	},
	videoFrames: {
		label: 'Length of a video in frames',
		hint: 'From 2 to 240; 24 frames last one second. Only for rendered videos.',
	},
};

/** Calls a control and returns the message to show. */
async function control(method, path, body, done) {
	try {
		const response = await fetch(path, {
			method,
			...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
		});
		if (response.ok) return done;
		const { error } = await response.json();
		return `Rejected: ${error}`;
	} catch (error) {
		return `The sandbox does not respond: ${error.message}`;
	}
}

/** Reads a control; undefined if signing in is required. */
async function read(path) {
	const response = await fetch(path);
	if (response.status === 401) return undefined;
	if (!response.ok) throw new Error(`HTTP ${response.status}`);
	return await response.json();
}

/** Exchanges the token for a cookie. Returns whether the token was correct. */
async function signIn(token) {
	const response = await fetch('/sandbox/session', {
		method: 'POST',
		body: JSON.stringify({ token }),
		headers: { 'content-type': 'application/json' },
	});
	return response.ok;
}

/** The token in the address that the sandbox prints. Removes it from the address bar. */
function tokenInAddress() {
	const token = new URLSearchParams(location.hash.slice(1)).get('token');
	if (token) history.replaceState(undefined, '', location.pathname);
	return token;
}

function Page() {
	const [guide, setGuide] = useState();
	const [isLocked, setLocked] = useState(false);
	const [message, setMessage] = useState('');
	const enter = async (token) => {
		try {
			if (token && !(await signIn(token))) setMessage('That is not the token of this sandbox.');
			else setMessage('');
			const found = await read('/sandbox/guide');
			setGuide(found);
			setLocked(!found);
		} catch (error) {
			setMessage(`The sandbox does not respond: ${error.message}`);
		}
	};
	useEffect(() => {
		const token = tokenInAddress();
		void enter(token);
		const followLink = () => {
			const other = tokenInAddress();
			if (other) void enter(other);
		};
		addEventListener('hashchange', followLink);
		return () => removeEventListener('hashchange', followLink);
	}, []);
	if (guide) return html`<${Live} guide=${guide} />`;
	return html`
		<${Header} status=${message || (isLocked ? 'Sign in to continue.' : 'Connecting …')} />
		<main>${isLocked && html`<${Lock} enter=${enter} />`}</main>
	`;
}

function Header({ status }) {
	return html`
		<header>
			<h1>Sandbox for the Pika API</h1>
			<p class="soft">
				A local stand-in for useapi.net. Its videos hide the message in motion: press play to see
				it. The technique is the sandbox's own, not Pika's.
			</p>
			<p role="status">${status}</p>
		</header>
	`;
}

function Lock({ enter }) {
	const token = useRef();
	const submit = (event) => {
		event.preventDefault();
		void enter(token.current.value.trim());
	};
	return html`
		<section aria-labelledby="lock">
			<h2 id="lock">Sign in</h2>
			<p>
				Other machines can reach this sandbox, so it asks for its API token. The sandbox printed the
				token when it started.
			</p>
			<form onSubmit=${submit}>
				<label
					>API token <input ref=${token} type="password" autocomplete="current-password" required
				/></label>
				<button>Sign in</button>
			</form>
		</section>
	`;
}

function Live({ guide }) {
	const [state, setState] = useState();
	const [isLive, setLive] = useState(false);
	const [message, setMessage] = useState('');
	useEffect(() => {
		let latest = 0;
		const refresh = async () => {
			latest += 1;
			const mine = latest;
			const found = await read('/sandbox/state');
			if (found && mine === latest) setState(found);
		};
		const events = new EventSource('/sandbox/events');
		events.onmessage = () => refresh().catch(() => setLive(false));
		events.onopen = () => setLive(true);
		events.onerror = () => setLive(false);
		return () => events.close();
	}, []);
	const act = async (...call) => setMessage(await control(...call));
	return html`
		<${Header} status=${`${isLive ? 'Live.' : 'Connecting …'} ${message}`} />
		<main>
			${state &&
			html`
				<${Guide} guide=${guide} isNew=${state.totals.jobs === 0} />
				<${Accounts} accounts=${state.accounts} />
				<${Jobs} jobs=${state.jobs} total=${state.totals.jobs} act=${act} />
				<${Controls} settings=${state.settings} faults=${state.faults} act=${act} />
				<${Callbacks} callbacks=${state.callbacks} total=${state.totals.callbacks} />
				<${Requests} requests=${state.requests} total=${state.totals.requests} />
			`}
		</main>
	`;
}

/** How to get started; open until there is a job. */
function Guide({ guide, isNew }) {
	const { apiToken, pictures, magicWords } = guide;
	const { origin } = location;
	const [isOpen] = useState(isNew);
	const command = `curl -sS -H "Authorization: Bearer ${apiToken}" -F "prompt=waves at noon" -F "message=Hello" "${origin}/v1/pika/encrypt_text"`;
	return html`
		<section aria-labelledby="guide">
			<h2 id="guide">Get started</h2>
			<details class="card" open=${isOpen}>
				<summary>Credential, example pictures and magic words</summary>
				<p>Enter this in the n8n credential “useapi.net Pika API”:</p>
				<dl>
					<dt>API Token</dt>
					<dd><code>${apiToken}</code></dd>
					<dt>Base URL</dt>
					<dd>
						<code>${origin}</code>
						<span class="soft"
							>${' '} or the address at which n8n reaches this sandbox. If n8n runs on another
							machine or in a container, turn on “Allow Plain HTTP (Insecure)”.
						</span>
					</dd>
				</dl>
				<p>To make a video without n8n, run this in a terminal:</p>
				<pre>${command}</pre>
				<p>Example pictures, to save or to download in a workflow with an HTTP Request node:</p>
				<div class="pictures">
					${pictures.map(
						(path) => html`
							<figure key=${path}>
								<img src=${path} alt=${`Example picture ${nameIn(path)}`} />
								<figcaption><a href=${path} download>${origin}${path}</a></figcaption>
							</figure>
						`,
					)}
				</div>
				<${Table}
					caption="Magic words: add one to a prompt to change how its job ends. Only this sandbox knows them."
					columns=${['Word', 'What happens']}
					rows=${magicWords.map(([word, meaning]) => ({
						key: word,
						cells: [html`<code>${word}</code>`, meaning],
					}))}
				/>
			</details>
		</section>
	`;
}

function nameIn(path) {
	return path.slice(path.lastIndexOf('/') + 1);
}

function Accounts({ accounts }) {
	return html`
		<section aria-labelledby="accounts">
			<h2 id="accounts">Accounts</h2>
			<${Table}
				caption=${accounts.length === 0 ? 'No account is configured' : 'Slots by channel'}
				columns=${['Channel', 'Discord token', 'Slots in use']}
				rows=${accounts.map(({ channel, discord, maxJobs, running }) => ({
					key: channel,
					cells: [
						channel,
						discord,
						html`<progress
								value=${running.length}
								max=${maxJobs}
								aria-label=${`Slots in use on channel ${channel}`}
							></progress>
							${running.length} of ${maxJobs}`,
					],
				}))}
			/>
		</section>
	`;
}

function Jobs({ jobs, total, act }) {
	return html`
		<section aria-labelledby="jobs">
			<h2 id="jobs" tabindex="-1">Jobs</h2>
			<p class="soft">${summary(jobs, total, 'job')}</p>
			<ol class="cards" reversed>
				${jobs.map(
					(job) => html`<li class="card" key=${job.jobid}><${Job} job=${job} act=${act} /></li>`,
				)}
			</ol>
		</section>
	`;
}

function Job({ job, act }) {
	const { jobid, verb, status, statuses, prompt, message, thumbnails } = job;
	const name = `job ${shortId(jobid)}`;
	const path = `/sandbox/jobs/${encodeURIComponent(jobid)}`;
	const isRunning = RUNNING.has(status);
	return html`
		<article aria-label=${name}>
			<h3>${prompt || verb}</h3>
			<p>
				<span class=${`status ${status}`}>${status}</span>${' '}
				${isRunning &&
				html`<progress
					value=${statuses.length}
					max="4"
					aria-label=${`Progress of ${name}`}
				></progress>`}
				<span class="soft"> ${verb} · ${jobid} · ${statuses.join(' → ')}</span>
			</p>
			${typeof message === 'string' && html`<p>Text to hide: “${message}”</p>`}
			${(job.error || job.errorDetails) &&
			html`<p class="failed">${[job.error, job.errorDetails].filter(Boolean).join(': ')}</p>`}
			<div class="pictures">
				${thumbnails.includes('message') &&
				html`<${Thumbnail} src=${`${path}/message.webp`} caption="Message" name=${name} />`}
				${thumbnails.includes('image') &&
				html`<${Thumbnail} src=${`${path}/image.webp`} caption="Reference" name=${name} />`}
				${status === 'completed' && html`<${Video} path=${path} job=${job} name=${name} />`}
			</div>
			${isRunning &&
			html`<div class="buttons">
				${ENDINGS.map(
					([ending, label]) => html`
						<button
							key=${ending}
							aria-label=${`${label} ${name}`}
							onClick=${() =>
								act('POST', `${path}/finish`, { status: ending }, `${label}: ${name}.`)}
						>
							${label}
						</button>
					`,
				)}
			</div>`}
			<${Details} title=${`Record of ${name}`} value=${job} />
		</article>
	`;
}

function Thumbnail({ src, caption, name }) {
	return html`
		<figure>
			<img src=${src} alt=${`${caption} image of ${name}`} />
			<figcaption>${caption}</figcaption>
		</figure>
	`;
}

/** Loads the whole video, so that seeking and looping need no further requests. */
function Video({ path, job, name }) {
	const [src, setSrc] = useState();
	const [problem, setProblem] = useState('');
	useEffect(() => {
		let url;
		let isUnmounted = false;
		fetch(`${path}/video.mp4`)
			.then(async (response) => {
				if (!response.ok) throw new Error((await response.json()).error);
				url = URL.createObjectURL(await response.blob());
				if (isUnmounted) URL.revokeObjectURL(url);
				else setSrc(url);
			})
			.catch((error) => setProblem(error.message));
		return () => {
			isUnmounted = true;
			if (url) URL.revokeObjectURL(url);
		};
	}, [path]);
	const link = pathIn(job.attachments?.[0]?.url);
	return html`
		<figure class="player">
			<video src=${src} controls loop muted playsinline aria-label=${`Video of ${name}`}></video>
			<figcaption>
				${problem || 'Video'}${' '} ${link && html`<a href=${link} rel="noreferrer">Download</a>`}
			</figcaption>
		</figure>
	`;
}

function Controls({ settings, faults, act }) {
	const endpoint = useRef();
	const fault = useRef();
	const times = useRef();
	const addFault = (event) => {
		event.preventDefault();
		const on = { endpoint: endpoint.current.value, times: Number(times.current.value) };
		void act('POST', '/sandbox/faults', { on, do: FAULTS[fault.current.value] }, 'Fault added.');
	};
	return html`
		<section aria-labelledby="controls">
			<h2 id="controls">Controls</h2>
			<div class="cards">
				<div class="card">
					<h3>Settings</h3>
					<p class="soft">A change applies when you leave the field or press Enter.</p>
					<div class="settings">
						${Object.entries(settings).map(
							([name, value]) =>
								html`<${Setting} key=${name} name=${name} value=${value} act=${act} />`,
						)}
					</div>
				</div>
				<div class="card">
					<h3>Faults</h3>
					<p class="soft">A fault makes the next requests to an endpoint fail or respond late.</p>
					<form onSubmit=${addFault}>
						<label>Endpoint <${Choice} choiceRef=${endpoint} options=${ENDPOINTS} /></label>
						<label>What happens <${Choice} choiceRef=${fault} options=${FAULT_LABELS} /></label>
						<label
							>Number of requests
							<input ref=${times} type="number" min="1" defaultValue="1" required
						/></label>
						<button>Add fault</button>
						<button
							type="button"
							onClick=${() => act('DELETE', '/sandbox/faults', undefined, 'Faults cleared.')}
						>
							Clear faults
						</button>
					</form>
					<p>
						${faults.length === 0
							? 'No pending faults.'
							: `${faults.length} pending fault${faults.length === 1 ? '' : 's'}:`}
					</p>
					${faults.map((each, at) => html`<pre key=${at}>${JSON.stringify(each)}</pre>`)}
				</div>
				<div class="card">
					<h3>Reset</h3>
					<p>
						Deletes all jobs, requests, callbacks and faults, and restores settings and accounts.
					</p>
					<button
						onClick=${() => act('POST', '/sandbox/reset', undefined, 'The sandbox was reset.')}
					>
						Reset the sandbox
					</button>
				</div>
			</div>
		</section>
	`;
}

function Choice({ choiceRef, options }) {
	return html`
		<select ref=${choiceRef}>
			${Object.entries(options).map(
				([value, label]) => html`<option key=${value} value=${value}>${label}</option>`,
			)}
		</select>
	`;
}

function Setting({ name, value, act }) {
	const { label, hint } = SETTINGS[name] ?? { label: name };
	const change = (changed) =>
		act('PATCH', '/sandbox/settings', { [name]: changed }, `${label}: ${changed}.`);
	const hintId = `hint-${name}`;
	const Field = FIELDS[typeof value] ?? NumberField;
	return html`
		<div>
			<label>
				${label}
				<${Field} value=${value} change=${change} hintId=${hintId} />
			</label>
			<p class="hint" id=${hintId}>${hint}</p>
		</div>
	`;
}

/** All settings that are text choose the videos. */
const FIELDS = { boolean: Checkbox, string: VideosField };

function Checkbox({ value, change, hintId }) {
	return html`<input
		type="checkbox"
		checked=${value}
		aria-describedby=${hintId}
		onChange=${(event) => change(event.target.checked)}
	/>`;
}

function VideosField({ value, change, hintId }) {
	return html`
		<select aria-describedby=${hintId} onChange=${(event) => change(event.target.value)}>
			${Object.entries(VIDEOS).map(
				([each, label]) =>
					html`<option key=${each} value=${each} selected=${each === value}>${label}</option>`,
			)}
		</select>
	`;
}

/** Submits when it loses focus or Enter is pressed. A number that is not finite arrives as null. */
function NumberField({ value, change, hintId }) {
	// What is being typed, because every change in the sandbox renders the page again.
	const [draft, setDraft] = useState();
	return html`<input
		type="number"
		step="any"
		value=${draft ?? value ?? ''}
		placeholder=${value === null ? 'no limit' : ''}
		aria-describedby=${hintId}
		onInput=${(event) => setDraft(event.target.value)}
		onChange=${(event) => {
			if (event.target.value !== '') change(Number(event.target.value));
			setDraft(undefined);
		}}
	/>`;
}

function Callbacks({ callbacks, total }) {
	return html`
		<section aria-labelledby="callbacks">
			<h2 id="callbacks">Callbacks</h2>
			<${Table}
				caption=${summary(callbacks, total, 'callback')}
				columns=${['Time', 'Job', 'Status', 'Receiver', 'Response']}
				rows=${callbacks.map(({ startedAt, url, body, status, error, endedAt }) => ({
					key: `${startedAt} ${body.jobid} ${body.status}`,
					cells: [
						time(startedAt),
						shortId(body.jobid),
						body.status,
						url,
						error ?? (endedAt ? `HTTP ${status}` : 'No response yet'),
					],
					details: body,
				}))}
			/>
		</section>
	`;
}

function Requests({ requests, total }) {
	return html`
		<section aria-labelledby="requests">
			<h2 id="requests">Requests</h2>
			<${Table}
				caption=${summary(requests, total, 'request')}
				columns=${['Time', 'Request', 'Response', 'Duration']}
				rows=${requests.map(({ answer, ...request }, at) => ({
					key: `${request.startedAt} ${total - at}`,
					cells: [
						time(request.startedAt),
						`${request.method} ${request.path}${queryOf(request.query)}`,
						html`<span class=${request.status === 'reset' ? 'reset' : ''}
							>${request.status ?? '…'}</span
						>`,
						request.endedAt ? `${request.endedAt - request.startedAt} ms` : '…',
					],
					details: { request, answer },
				}))}
			/>
		</section>
	`;
}

function Table({ caption, columns, rows }) {
	return html`
		<div class="scroll" tabindex="0" role="group" aria-label=${caption}>
			<table>
				<caption>
					${caption}
				</caption>
				<thead>
					<tr>
						${columns.map((column) => html`<th key=${column} scope="col">${column}</th>`)}
						${rows.some(({ details }) => details) && html`<th scope="col">Details</th>`}
					</tr>
				</thead>
				<tbody>
					${rows.map(
						({ key, cells, details }) =>
							html`<${Row} key=${key} cells=${cells} details=${details} />`,
					)}
				</tbody>
			</table>
		</div>
	`;
}

/** A row whose details, if it has any, open below it in the full width of the table. */
function Row({ cells, details }) {
	const [isOpen, setOpen] = useState(false);
	return html`
		<tr>
			${cells.map((cell, at) => html`<td key=${at}>${cell}</td>`)}
			${details &&
			html`<td>
				<button aria-expanded=${String(isOpen)} onClick=${() => setOpen(!isOpen)}>
					${isOpen ? 'Hide' : 'Show'}
				</button>
			</td>`}
		</tr>
		${isOpen &&
		html`<tr>
			<td colspan=${cells.length + 1}><pre>${JSON.stringify(details, null, 2)}</pre></td>
		</tr>`}
	`;
}

function Details({ title, value }) {
	const [isOpen, setOpen] = useState(false);
	return html`
		<details onToggle=${(event) => setOpen(event.target.open)}>
			<summary>${title}</summary>
			${isOpen && html`<pre>${JSON.stringify(value, null, 2)}</pre>`}
		</details>
	`;
}

function summary(shown, total, what) {
	if (total === 0) return `No ${what}s yet`;
	if (total === 1) return `1 ${what}`;
	const latest = shown.length < total ? ` The latest ${shown.length} are shown.` : '';
	return `${total} ${what}s, newest first.${latest}`;
}

/** The path on this server, because the browser may not know the host name that n8n uses. */
function pathIn(link) {
	if (!link || !URL.canParse(link)) return undefined;
	const { pathname, search } = new URL(link);
	return pathname.startsWith('/attachments/') ? pathname + search : undefined;
}

function shortId(jobid) {
	return jobid.replace(/^\d+-/, '');
}

function time(milliseconds) {
	return new Date(milliseconds).toLocaleTimeString();
}

function queryOf(query) {
	const text = new URLSearchParams(query).toString();
	return text === '' ? '' : `?${text}`;
}

render(html`<${Page} />`, document.getElementById('page'));
