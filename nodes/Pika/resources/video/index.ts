import { fieldsOf, selectorOf } from '../table';
import * as encryptImage from './encryptImage.operation';

/** The operations of a video. A new one costs one file, one import and one entry. */
export const operations = { encryptImage };

export const description = [
	selectorOf('video', operations, 'encryptImage'),
	...fieldsOf('video', operations),
];
