import { fieldsOf, selectorOf } from '../operationTable';
import * as cancel from './cancel.operation';
import * as get from './get.operation';
import * as getMany from './getMany.operation';

/** The operations of a job. A new one takes one file, one import and one entry (CONTRIBUTING.md, "Adding an operation"). */
export const operations = { get, getMany, cancel };

export const description = [selectorOf('job', operations, 'get'), ...fieldsOf('job', operations)];
