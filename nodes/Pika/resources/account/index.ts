import { fieldsOf, selectorOf } from '../operationTable';
import * as remove from './delete.operation';
import * as getMany from './getMany.operation';
import * as upsert from './upsert.operation';

/** The operations of a configured account. A new one takes one file, one import and one entry (CONTRIBUTING.md, "Adding an operation"). */
export const operations = { getMany, upsert, delete: remove };

export const description = [
	selectorOf('account', operations, 'getMany'),
	...fieldsOf('account', operations),
];
