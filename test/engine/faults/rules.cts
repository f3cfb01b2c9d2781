import type { NodeApiError } from 'n8n-workflow';

import type { SandboxJob } from '../../../sandbox/sandbox.cts';
import type { Stamp } from '../../../sandbox/stamp.cts';
import { mostAtOnce } from '../observed.cts';
import { sha256 } from '../pictures.cts';
import {
	type Ending,
	type Outputs,
	endingsOf,
	errorTexts,
	outputsOf,
	pairedItems,
} from './endings.cts';
import type { SeenRequest } from './observer.cts';
import type { Played } from './player.cts';
import { type Order, type Sequence, isAgent, ordersOf } from './sequence.cts';
import { RETRY_FOR_MINUTES, WAIT_LIMIT_MINUTES } from './workflows.cts';

const UNSURE = /may have been submitted/i;
const MS_PER_MINUTE = 60_000;
const POLLING_MILLISECONDS = 10_000;
/** How long a submission of unknown outcome is looked up; half a minute more if the API hangs. */
const SEARCH_MINUTES = 1.5;

interface Case {
	sequence: Sequence;
	played: Played;
	orders: Order[];
	outputs: Outputs[];
	endings: Ending[];
	isCanceled: boolean;
	/** The execution, or the one that was retried, was stopped. */
	wasStopped: boolean;
}

/** The violated invariants of an execution; none if all hold. */
export async function violations(sequence: Sequence, played: Played): Promise<string[]> {
	const { run } = played;
	const outputs = outputsOf(sequence, run);
	const endings = await endingsOf(outputs, run);
	const orders = ordersOf(sequence);
	const isCanceled = run.status === 'canceled' || played.wasStoppedWaiting;
	const wasStopped = played.requestsBeforeStop !== undefined;
	const seen = { sequence, played, orders, outputs, endings, isCanceled, wasStopped };
	return [
		...doubles(seen),
		...outputs.flatMap((each) => wrongOrder(each, isCanceled)),
		...wrongEndings(seen),
		...wrongVideos(seen),
		...wrongErrors(seen),
		...lost(seen),
		...uncancelled(seen),
		...forbiddenRequests(seen),
		...impatience(seen),
		...lateness(seen),
	];
}

/** Identifies what a job was made from; identical items share it. */
const keyOfOrder = ({ prompt, image }: Order) => `${prompt}, ${image.length} bytes`;
const keyOfJob = ({ prompt = '', message }: SandboxJob) =>
	`${prompt}, ${typeof message === 'object' ? message.size : 0} bytes`;

function counts(keys: string[]): Map<string, number> {
	const found = new Map<string, number>();
	for (const key of keys) found.set(key, (found.get(key) ?? 0) + 1);
	return found;
}

function repeated(texts: string[]): string[] {
	return [...counts(texts)].filter(([, count]) => count > 1).map(([text]) => text);
}

const hasEnded = ({ status }: { status: string }) =>
	!['created', 'started', 'progress'].includes(status);

function doubles({ orders, played }: Case): string[] {
	const wanted = counts(orders.map(keyOfOrder));
	return [...counts(played.jobs.map(keyOfJob))]
		.filter(([key, count]) => count > (wanted.get(key) ?? 0))
		.map(([key, count]) => `${count} jobs for ${wanted.get(key) ?? 0} items of ${key}`);
}

function wrongOrder({ node, orders, items }: Outputs, isCanceled: boolean): string[] {
	const outputs = items.map(pairedItems);
	const all = outputs.flat().toSorted((one, other) => one - other);
	if (isCanceled && all.length === 0) return [];
	const isComplete = all.length === orders.length && all.every((item, i) => item === i);
	const unsorted = outputs.filter((each) =>
		each.some((item, i) => i > 0 && item < (each[i - 1] ?? 0)),
	);
	return [
		...(isComplete ? [] : [`${node}: the items ${all.join()} came out of ${orders.length}`]),
		...unsorted.map((each) => `${node}: out of order: ${each.join()}`),
	];
}

/** Each item has a job of its own, or says why it has none. */
function wrongEndings({ sequence, played, endings }: Case): string[] {
	const known = new Map(played.jobs.map((job) => [job.jobid, job]));
	const ownReference = ({ order, replyRef }: Ending) =>
		replyRef === undefined || order.replyRef === '' || replyRef === order.replyRef;
	return [
		...repeated(endings.flatMap(({ jobid }) => jobid ?? [])).map(
			(jobid) => `job ${jobid} belongs to two items`,
		),
		...endings.flatMap((ending) => {
			const { order, jobid, error } = ending;
			const name = `${order.node} ${order.item}`;
			if (!ownReference(ending)) return [`${name} has the reference ${ending.replyRef}`];
			if (!jobid) return error ? [] : [`${name} has neither job nor error`];
			const job = known.get(jobid);
			if (!job) return [`${name} names a job that is not there: ${jobid}`];
			if (keyOfJob(job) !== keyOfOrder(order)) return [`${name} has the job of ${keyOfJob(job)}`];
			return wrongStatus(sequence, ending, job).map((wrong) => `${name}: ${wrong}`);
		}),
	];
}

/** An item that waited shows how its job ended; the parameters decide whether that is an error. */
function wrongStatus(sequence: Sequence, ending: Ending, job: SandboxJob): string[] {
	const { completion, onUnsuccessful, onRead, onDownload, list } = sequence;
	const { error, status, timedOut } = ending;
	if (completion === 'off' || timedOut || (error && UNSURE.test(error))) return [];
	// After three of these in a row, a job cannot be read or its video cannot be downloaded.
	if (error && (onRead.length > 0 || onDownload.length > 0 || list !== undefined)) return [];
	if (status !== job.status) return [`its status is ${status}, that of the job ${job.status}`];
	const isError = status !== 'completed' && onUnsuccessful === 'error';
	return isError === (error !== undefined) ? [] : [`a job that is ${status} gives ${error}`];
}

/** Each output's video was made from that item's own inputs: by its bytes, not by IDs. */
export function wrongVideos({ sequence, endings }: Pick<Case, 'sequence' | 'endings'>): string[] {
	const isDownloaded = sequence.completion !== 'off' && !isAgent(sequence);
	return endings.flatMap(({ order, status, error, video }) => {
		const name = `${order.node} ${order.item}`;
		if (!video) {
			const isMissing = isDownloaded && status === 'completed' && error === undefined;
			return isMissing ? [`${name} has no video`] : [];
		}
		const isOwn = isMadeFrom(order, video.stamp);
		return isOwn ? [] : [`${name} has a video that was made from ${JSON.stringify(video.stamp)}`];
	});
}

function isMadeFrom({ prompt, replyRef, image }: Order, stamp: Stamp | undefined): boolean {
	if (!stamp) return false;
	const { verb, fields, files } = stamp;
	return (
		verb === 'pika-encrypt_image' &&
		fields.prompt === prompt &&
		(replyRef === '' || fields.replyRef === replyRef) &&
		files.message === sha256(image) &&
		Object.keys(files).length === 1
	);
}

/** An error that ends the execution says which item failed, and which jobs the other items have. */
function wrongErrors({ sequence, played, orders, isCanceled }: Case): string[] {
	const { error } = played.run;
	if (!error || isCanceled || isAgent(sequence)) return [];
	const { context = {}, description } = error as NodeApiError;
	const failing = played.run.run.data.resultData.lastNodeExecuted ?? 'Pika';
	const runs = played.run.runsOf(failing).length;
	const own = orders.filter(({ node }) => node === failing);
	const given = sequence.shape === 'a loop' ? own.slice(runs - 1) : own;
	const { itemIndex, data } = context as { itemIndex?: number; data?: { jobid?: string } };
	if (itemIndex === undefined) return [`the error names no item: ${error.message}`];
	const named = [...(description ?? '').matchAll(/item (\d+): ([^\s,]+-pika\S+?)[,.]/g)].map(
		([, item, jobid]) => ({ item: Number(item), jobid }),
	);
	const all = data?.jobid ? [...named, { item: itemIndex, jobid: data.jobid }] : named;
	return all.flatMap(({ item, jobid }) => {
		const job = played.jobs.find((each) => each.jobid === jobid);
		const order = given[item];
		const isOwn = job && order && keyOfJob(job) === keyOfOrder(order);
		return isOwn ? [] : [`the error says that item ${item} has the job ${jobid}`];
	});
}

/** Each job without an item is named in an error, or may belong to an item that says so. */
function lost(seen: Case): string[] {
	const { played, endings } = seen;
	if (played.wasStoppedWaiting) return [];
	// The result of a stopped call of an agent is not stored.
	if (isAgent(seen.sequence) && seen.isCanceled) return [];
	const owned = new Set(endings.map(({ jobid }) => jobid));
	const texts = [
		...errorTexts(played.run),
		...(played.retried ? errorTexts(played.retried) : []),
		// An agent gets only the message.
		...endings.map(({ error = '' }) => error),
	].join(' ');
	const orphans = played.jobs.filter(({ jobid, replyRef = '', ...job }) => {
		const mayExist = UNSURE.test(texts) && replyRef !== '' && texts.includes(replyRef);
		const isOver = seen.wasStopped && hasEnded(job);
		return !owned.has(jobid) && !texts.includes(jobid) && !mayExist && !isOver;
	});
	const unsure = counts(
		endings.flatMap(({ order, jobid, error = '' }) =>
			!jobid && UNSURE.test(error) ? keyOfOrder(order) : [],
		),
	);
	return [...counts(orphans.map(keyOfJob))]
		.filter(([key, count]) => count > (unsure.get(key) ?? 0))
		.map(([key, count]) => `${count} jobs of ${key} are lost; the errors: ${texts}`);
}

/**
 * After a Stop with Cancel Jobs on Stop, no job of the node runs, unless cancelling it failed, or it only resembles
 * a submission with the user's reference: then the error names it.
 */
function uncancelled({ sequence, played, endings, isCanceled }: Case): string[] {
	if (!isCanceled || played.wasStoppedWaiting || !sequence.cancelOnStop) return [];
	const { reference, onCancel, onRead, list } = sequence;
	const isHindered = onCancel.length > 0 || onRead.length > 0 || list !== undefined;
	const isOwn = reference === 'of the node';
	// An agent's error does not contain the errors of its tools.
	if (isHindered || (isAgent(sequence) && !isOwn)) return [];
	const unsure = errorTexts(played.run).map((text) => text.split(UNSURE)[1] ?? '');
	const owned = new Set(endings.map(({ jobid }) => jobid));
	return played.jobs
		.filter(({ replyRef = '', ...job }) => {
			const mayExist = !isOwn && unsure.some((text) => text.includes(replyRef));
			return !hasEnded(job) && !owned.has(job.jobid) && !mayExist;
		})
		.map(({ jobid, statuses }) => `job ${jobid} was not cancelled: ${statuses.join()}`);
}

const isSurelyRefused = ({ status }: SeenRequest) =>
	typeof status === 'number' && status >= 400 && status < 500;

/** Whether the response leaves open what the API did; a broken response with status 200 is not visible here. */
const isUnknown = ({ status }: SeenRequest) =>
	status === 'reset' || (typeof status === 'number' && status >= 500);

/** Only what certainly made no job is sent again, unknown outcomes are looked up, and the slots are never exceeded. */
function forbiddenRequests({ sequence, played, orders, wasStopped }: Case): string[] {
	const { requests } = played;
	const posts = requests.filter(({ method }) => method === 'POST');
	const found: string[] = [];
	for (const prompt of new Set(orders.map((order) => order.prompt))) {
		if (orders.filter((order) => order.prompt === prompt).length > 1) continue;
		const attempts = posts.filter(({ fields }) => fields.prompt === prompt);
		const again = attempts.slice(0, -1).filter((post) => !isSurelyRefused(post));
		if (again.length > 0) {
			found.push(`"${prompt}" sent again after ${again.map(({ status }) => status).join()}`);
		}
	}
	const unrefused = posts.filter((post) => !isSurelyRefused(post)).length;
	if (unrefused > orders.length) found.push(`${unrefused} submissions for ${orders.length} items`);
	for (const unknown of wasStopped ? [] : posts.filter(isUnknown)) {
		const isLookedUp = requests.some(
			({ method, path, startedAt }) =>
				method === 'GET' && path.startsWith('/v1/pika/jobs') && startedAt >= unknown.startedAt,
		);
		if (!isLookedUp) found.push(`not looked up after ${unknown.status ?? 'nothing'}`);
	}
	const isEach = isAgent(sequence);
	const atOnce = mostAtOnce(posts);
	if (
		!isEach &&
		atOnce > sequence.maxJobs &&
		sequence.room !== 'as an account says that cannot be read'
	)
		found.push(`${atOnce} submissions at a time`);
	return found;
}

/** A polling run reads each job, and the list, no sooner than the contract allows. Another run may read at once. */
function impatience({ sequence, played, isCanceled }: Case): string[] {
	const { completion, shape, retryOnFail } = sequence;
	const isOneRun = shape === 'one node' && !retryOnFail && !played.retried && !isCanceled;
	if (completion !== 'poll' || !isOneRun) return [];
	const found: string[] = [];
	const last = new Map<string, number>();
	for (const { endpoint, query, cameAt } of played.requests) {
		if (endpoint !== 'jobs' && endpoint !== 'jobs/') continue;
		const { jobid = endpoint } = query;
		const gap = cameAt - (last.get(jobid) ?? -Infinity);
		if (gap < POLLING_MILLISECONDS) found.push(`${jobid} was asked for again after ${gap} ms`);
		last.set(jobid, cameAt);
	}
	return found;
}

/** The wait limit is kept to within a minute. */
function lateness({ sequence, played, isCanceled }: Case): string[] {
	const { requests, endedAt, waits } = played;
	const limit = WAIT_LIMIT_MINUTES * MS_PER_MINUTE;
	const tooLong = waits.filter((wait) => wait > limit + MS_PER_MINUTE);
	if (sequence.completion !== 'poll' || isCanceled || played.retried) {
		return tooLong.map((wait) => `a suspension of ${wait} ms`);
	}
	const posts = requests.filter(({ method }) => method === 'POST');
	const last = Math.max(0, ...posts.map(({ cameAt, answeredAt = cameAt }) => answeredAt));
	// Each try of Retry On Fail reads again.
	const searches = sequence.retryOnFail ? 3 : 1;
	const longest = Math.max(WAIT_LIMIT_MINUTES, RETRY_FOR_MINUTES) + 1 + searches * SEARCH_MINUTES;
	const late = endedAt - last - longest * MS_PER_MINUTE;
	return posts.length > 0 && late > 0 ? [`over ${late} ms too late`] : [];
}
