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
	'Answer 429': { answer: { status: 429, body: { error: 'Too many requests', code: 429 } } },
	'Answer 500': { answer: { status: 500, body: { error: 'Internal error', code: 500 } } },
	'Answer 503 in HTML': { answer: { status: 503, body: '<h1>Unavailable</h1>' } },
	'Reset before accepting': { resetBeforeAccepting: 'midway' },
	'Reset after accepting': { resetAfterAccepting: true },
	'Answer five seconds late': { delay: 5000 },
};
const FAULT_ENDPOINTS = [...SUBMISSIONS, 'jobs/', 'jobs', 'jobs/cancel', 'account', 'attachments'];

const SETTINGS = {
	jobSeconds: 'Seconds per job',
	linkSeconds: 'Seconds until links expire',
	subscriptionIsActive: 'Subscription is active',
	videoBytes: 'Least bytes of a video',
	videos: 'Videos',
	videoWidth: 'Width of a video',
	videoFrames: 'Frames of a video',
};

/** Calls a control; gives what to tell the reader. */
async function control(method, path, body, done) {
	try {
		const response = await fetch(path, {
			method,
			...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
		});
		if (response.ok) return done;
		const { error } = await response.json();
		return `Refused: ${error}`;
	} catch (error) {
		return `The sandbox does not answer: ${error.message}`;
	}
}

/** Reads a control; undefined if it asks for the token first. */
async function read(path) {
	const response = await fetch(path);
	if (response.status === 401) return undefined;
	if (!response.ok) throw new Error(`HTTP ${response.status}`);
	return await response.json();
}

/** Trades the token for a cookie; gives whether it was the right one. */
async function signIn(token) {
	const response = await fetch('/sandbox/session', {
		method: 'POST',
		body: JSON.stringify({ token }),
		headers: { 'content-type': 'application/json' },
	});
	return response.ok;
}

/** The token in the address that the sandbox prints, which is then no longer shown. */
function tokenInAddress() {
	const token = new URLSearchParams(location.hash.slice(1)).get('token');
	if (token) history.replaceState(undefined, '', location.pathname);
	return token;
}

function Page() {
	const [guide, setGuide] = useState();
	const [isLocked, setLocked] = useState(false);
	const [said, setSaid] = useState('');
	const enter = async (token) => {
		try {
			if (token && !(await signIn(token))) setSaid('That is not the token of this sandbox.');
			else setSaid('');
			const found = await read('/sandbox/guide');
			setGuide(found);
			setLocked(!found);
		} catch (error) {
			setSaid(`The sandbox does not answer: ${error.message}`);
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
		<${Header} status=${said || (isLocked ? 'Its token is needed.' : 'Connecting …')} />
		<main>${isLocked && html`<${Lock} enter=${enter} />`}</main>
	`;
}

function Header({ status }) {
	return html`
		<header>
			<h1>Sandbox for the Pika API</h1>
			<p class="soft">
				A local stand-in for useapi.net. Its videos hide their message in motion, in a way that is
				the sandbox's own and not Pika's: press play.
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
				Other machines can reach this sandbox, so it asks for the API token that it printed when it
				started.
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
	const [said, setSaid] = useState('');
	useEffect(() => {
		let newest = 0;
		const look = async () => {
			newest += 1;
			const mine = newest;
			const found = await read('/sandbox/state');
			if (found && mine === newest) setState(found);
		};
		const events = new EventSource('/sandbox/events');
		events.onmessage = () => look().catch(() => setLive(false));
		events.onopen = () => setLive(true);
		events.onerror = () => setLive(false);
		return () => events.close();
	}, []);
	const act = async (...call) => setSaid(await control(...call));
	return html`
		<${Header} status=${`${isLive ? 'Live.' : 'Connecting …'} ${said}`} />
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

/** What a newcomer needs; open until there is a job. */
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
				<p>In the n8n credential “useapi.net Pika API” put:</p>
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
				<p>To make a video without n8n, paste this into a shell:</p>
				<pre>${command}</pre>
				<p>Example pictures, to save or to load in a workflow with an HTTP Request node:</p>
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
					caption="Magic words: in a prompt they make a job go wrong. They are the sandbox's own."
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

/** Loaded whole, so that it can be sought and repeated without asking again. */
function Video({ path, job, name }) {
	const [src, setSrc] = useState();
	const [problem, setProblem] = useState('');
	useEffect(() => {
		let url;
		let isGone = false;
		fetch(`${path}/video.mp4`)
			.then(async (response) => {
				if (!response.ok) throw new Error((await response.json()).error);
				url = URL.createObjectURL(await response.blob());
				if (isGone) URL.revokeObjectURL(url);
				else setSrc(url);
			})
			.catch((error) => setProblem(error.message));
		return () => {
			isGone = true;
			if (url) URL.revokeObjectURL(url);
		};
	}, [path]);
	const link = pathIn(job.attachments?.[0]?.url);
	return html`
		<figure>
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
					<div class="buttons">
						${Object.entries(settings).map(
							([name, value]) =>
								html`<${Setting} key=${name} name=${name} value=${value} act=${act} />`,
						)}
					</div>
				</div>
				<div class="card">
					<h3>Faults</h3>
					<form onSubmit=${addFault}>
						<label>Endpoint <${Choice} choiceRef=${endpoint} options=${FAULT_ENDPOINTS} /></label>
						<label
							>What happens <${Choice} choiceRef=${fault} options=${Object.keys(FAULTS)}
						/></label>
						<label
							>Times <input ref=${times} type="number" min="1" defaultValue="1" required
						/></label>
						<button>Add fault</button>
						<button
							type="button"
							onClick=${() => act('DELETE', '/sandbox/faults', undefined, 'No more faults.')}
						>
							Clear faults
						</button>
					</form>
					<p>
						${faults.length === 0
							? 'None is waiting to happen.'
							: `${faults.length} waiting to happen:`}
					</p>
					${faults.map((each, at) => html`<pre key=${at}>${JSON.stringify(each)}</pre>`)}
				</div>
				<div class="card">
					<h3>Reset</h3>
					<p>Forgets jobs, requests, callbacks, faults, settings and accounts.</p>
					<button
						onClick=${() => act('POST', '/sandbox/reset', undefined, 'Everything is forgotten.')}
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
			${options.map((option) => html`<option key=${option} value=${option}>${option}</option>`)}
		</select>
	`;
}

/** Changed as soon as the field is left or Enter is pressed; a number that is not finite arrives as null. */
function Setting({ name, value, act }) {
	const label = SETTINGS[name] ?? name;
	// What is being typed: the page is drawn again with every change of the sandbox.
	const [draft, setDraft] = useState();
	const change = (changed) =>
		act('PATCH', '/sandbox/settings', { [name]: changed }, `${label}: ${changed}.`);
	if (typeof value === 'boolean') {
		return html`
			<label>
				${label}
				<input
					type="checkbox"
					checked=${value}
					onChange=${(event) => change(event.target.checked)}
				/>
			</label>
		`;
	}
	if (name === 'videos') {
		return html`
			<label>
				${label}
				<select onChange=${(event) => change(event.target.value)}>
					${['canned', 'rendered'].map(
						(each) =>
							html`<option key=${each} value=${each} selected=${each === value}>${each}</option>`,
					)}
				</select>
			</label>
		`;
	}
	return html`
		<label>
			${label}
			<input
				type="number"
				step="any"
				value=${draft ?? value ?? ''}
				placeholder=${value === null ? 'endless' : ''}
				onInput=${(event) => setDraft(event.target.value)}
				onChange=${(event) => {
					if (event.target.value !== '') change(Number(event.target.value));
					setDraft(undefined);
				}}
			/>
		</label>
	`;
}

function Callbacks({ callbacks, total }) {
	return html`
		<section aria-labelledby="callbacks">
			<h2 id="callbacks">Callbacks</h2>
			<${Table}
				caption=${summary(callbacks, total, 'callback')}
				columns=${['Time', 'Job', 'Status', 'Receiver', 'What it said', 'Body']}
				rows=${callbacks.map(({ startedAt, url, body, status, error, endedAt }) => ({
					key: `${startedAt} ${body.jobid} ${body.status}`,
					cells: [
						time(startedAt),
						shortId(body.jobid),
						body.status,
						url,
						error ?? (endedAt ? `HTTP ${status}` : 'No answer yet'),
						html`<${Details} title="Show" value=${body} />`,
					],
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
				columns=${['Time', 'Request', 'Answer', 'Took', 'Details']}
				rows=${requests.map(({ answer, ...request }, at) => ({
					key: `${request.startedAt} ${total - at}`,
					cells: [
						time(request.startedAt),
						`${request.method} ${request.path}${queryOf(request.query)}`,
						html`<span class=${request.status === 'reset' ? 'reset' : ''}
							>${request.status ?? '…'}</span
						>`,
						request.endedAt ? `${request.endedAt - request.startedAt} ms` : '…',
						html`<${Details} title="Show" value=${{ request, answer }} />`,
					],
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
					</tr>
				</thead>
				<tbody>
					${rows.map(
						({ key, cells }) => html`
							<tr key=${key}>
								${cells.map((cell, at) => html`<td key=${at}>${cell}</td>`)}
							</tr>
						`,
					)}
				</tbody>
			</table>
		</div>
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
	if (total === 0) return `No ${what} yet`;
	const many = `${total} ${what}${total === 1 ? '' : 's'}`;
	return shown.length < total ? `${many}, the last ${shown.length} of them` : many;
}

/** On this server, because the name by which n8n reaches it may be unknown to the browser. */
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
