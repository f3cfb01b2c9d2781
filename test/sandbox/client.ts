import type { Sandbox } from '../../sandbox/sandbox.cts';
import { wrongInAnswer } from '../openapi/contract.cts';

let isContractKept = true;

/** For tests that ask the sandbox to answer otherwise than docs/openapi.yaml says; counts until the end of the file. */
export function allowAnyAnswer(): void {
	isContractKept = false;
}

/** A form as the API wants it: texts as fields, Blobs as files with the field's name as file name. */
export function formOf(values: Record<string, string | Blob>): FormData {
	const form = new FormData();
	for (const [name, value] of Object.entries(values)) {
		if (typeof value === 'string') form.set(name, value);
		else form.set(name, value, `${name}.png`);
	}
	return form;
}

export function picture(bytes = 20, type = 'image/png'): Blob {
	return new Blob([new Uint8Array(bytes).fill(7)], { type });
}

/** The smallest form that encrypt_image accepts, with what is given on top; undefined leaves a value out. */
export function encryptImageForm(
	values: Record<string, string | Blob | undefined> = {},
): Record<string, string | Blob> {
	const all = { message: picture(), prompt: 'waves', ...values };
	return Object.fromEntries(
		Object.entries(all).filter((entry): entry is [string, string | Blob] => entry[1] !== undefined),
	);
}

/** Calls with the sandbox's token, checks the answer against docs/openapi.yaml, and gives it, its body parsed where it is JSON. */
export async function call(
	sandbox: Sandbox,
	method: string,
	path: string,
	body?: FormData | object,
	headers: Record<string, string> = { authorization: `Bearer ${sandbox.apiToken}` },
) {
	const isForm = body instanceof FormData;
	const response = await fetch(sandbox.baseUrl + path, {
		method,
		headers: body && !isForm ? { ...headers, 'content-type': 'application/json' } : headers,
		body: isForm ? body : body && JSON.stringify(body),
	});
	const { status } = response;
	const answer = { status, headers: response.headers, body: parsed(await response.text()) };
	if (isContractKept && !path.startsWith('/sandbox/')) {
		const contentType = response.headers.get('content-type');
		const [withoutQuery = ''] = path.split('?');
		expect(wrongInAnswer({ method, path: withoutQuery }, { ...answer, contentType })).toEqual([]);
	}
	return answer;
}

export async function submit(
	sandbox: Sandbox,
	values: Record<string, string | Blob | undefined> = {},
	endpoint = 'encrypt_image',
) {
	return await call(sandbox, 'POST', `/v1/pika/${endpoint}`, formOf(encryptImageForm(values)));
}

/** Submits and gives the id of the accepted job. */
export async function acceptedJobid(
	sandbox: Sandbox,
	values: Record<string, string | Blob | undefined> = {},
): Promise<string> {
	const { body } = await submit(sandbox, values);
	return body.jobid;
}

function parsed(text: string) {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
