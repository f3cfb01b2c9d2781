import type { IDataObject } from 'n8n-workflow';

/** True for an object in the sense of JSON. */
export function isRecord(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
