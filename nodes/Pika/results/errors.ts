import { type IDataObject, type INode, NodeApiError } from 'n8n-workflow';

import type { Failure } from './failures';

/** The details that a failed item shows beside its message, without unknown ones. */
export function detailsOf(failure: Failure): IDataObject {
	const { jobid, status, httpStatus: code, replyRef, timedOut, description } = failure;
	const details = { jobid, status, code, replyRef, timedOut, description };
	const known = Object.entries(details).filter(([, value]) => value !== undefined && value !== '');
	return Object.fromEntries(known);
}

/**
 * The only function that turns a failure into an error. It starts from plain values, because n8n returns an error that it
 * is given unchanged, and would show its own text instead of the API's.
 */
export function toNodeApiError(node: INode, failure: Failure, itemIndex?: number): NodeApiError {
	const error = new NodeApiError(
		node,
		{},
		{
			message: failure.message,
			description: failure.description,
			httpCode: failure.httpStatus?.toString(),
			itemIndex,
		},
	);
	// n8n replaces a message if it contains an error code, even inside a word: "preexisting" contains "EEXIST".
	error.message = failure.message;
	error.context.data = detailsOf(failure);
	return error;
}
