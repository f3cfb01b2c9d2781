import { fieldsOf, selectorOf } from '../operationTable';
import * as animate from './animate.operation';
import * as create from './create.operation';
import * as encryptImage from './encryptImage.operation';
import * as encryptText from './encryptText.operation';
import * as retry from './retry.operation';

/** The operations of a video. A new one takes one file, one import and one entry (CONTRIBUTING.md, "Adding an operation"). */
export const operations = { encryptImage, encryptText, create, animate, retry };

export const description = [
	selectorOf('video', operations, 'encryptImage'),
	...fieldsOf('video', operations),
];
