import {
	type INodeProperties,
	type INodePropertyOptions,
	updateDisplayOptions,
} from 'n8n-workflow';

import type { Execute } from './jobOperation';

/** What every `*.operation.ts` exports, no more and no less. */
export interface Operation {
	option: INodePropertyOptions;
	fields: INodeProperties[];
	execute: Execute;
}

/** The operations of one resource, by the value that workflows store. */
export type Operations = Record<string, Operation>;

/** The menu of a resource's operations, in the order of the table: most used first. */
export function selectorOf(
	resource: string,
	operations: Operations,
	defaultOperation: string,
): INodeProperties {
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options: Object.values(operations).map(({ option }) => option),
		default: defaultOperation,
	};
}

/** The fields of all operations, each shown only for its own operation. */
export function fieldsOf(resource: string, operations: Operations): INodeProperties[] {
	return Object.entries(operations).flatMap(([operation, { fields }]) =>
		updateDisplayOptions({ show: { resource: [resource], operation: [operation] } }, fields),
	);
}
