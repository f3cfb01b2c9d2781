import type { Sandbox } from '../../sandbox/sandbox.cts';
import { wrongInAnswer } from '../openapi/contract.cts';

let isContractKept = true;

/** For test files that make the sandbox deviate from docs/openapi.yaml. Applies to the rest of the file. */
export function allowAnyAnswer(): void {
	isContractKept = false;
}

/** A form with texts as fields and Blobs as files that are named after their fields. */
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

/** The required values of encrypt_image, with the given ones added. undefined removes a value. */
export function encryptImageForm(
	values: Record<string, string | Blob | undefined> = {},
): Record<string, string | Blob> {
	const all = { message: picture(), prompt: 'waves', ...values };
	return Object.fromEntries(
		Object.entries(all).filter((entry): entry is [string, string | Blob] => entry[1] !== undefined),
	);
}

/** Sends a request with the sandbox's token and checks the response against docs/openapi.yaml. Parses JSON bodies. */
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

/** Submits a job and returns its ID. */
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
