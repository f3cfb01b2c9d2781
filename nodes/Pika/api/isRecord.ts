import type { IDataObject } from 'n8n-workflow';

/** True for what JSON calls an object. */
export function isRecord(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
