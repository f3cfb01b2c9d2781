import { fieldsOf, selectorOf } from '../table';
import * as get from './get.operation';

/** The operations of a job. A new one costs one file, one import and one entry. */
export const operations = { get };

export const description = [selectorOf('job', operations, 'get'), ...fieldsOf('job', operations)];
