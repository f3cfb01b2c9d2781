import type { IExecuteData } from 'n8n-workflow';

import { isPossibleJobid } from '../api/job';
import { isRecord } from '../api/isRecord';

/** In the metadata of the execution stack, where n8n keeps keys that it does not know. */
const KEY = 'pikaCalledJob';

type Metadata = Record<string, unknown>;

/** The job ID that a callback names. It may be false. */
export function calledJobidIn(body: unknown): string | undefined {
	return isRecord(body) && isPossibleJobid(body.jobid) ? body.jobid : undefined;
}

/** Hands the job ID that a callback names from `webhook()` to the `execute()` that it starts. */
export function passCalledJobid(executeData: IExecuteData, jobid: string | undefined): void {
	const metadata: Metadata = { ...executeData.metadata, [KEY]: jobid };
	executeData.metadata = metadata;
}

/** Removes and returns that job ID. */
export function takeCalledJobid({ metadata }: IExecuteData): string | undefined {
	const passed = (metadata ?? {}) as Metadata;
	const jobid = passed[KEY];
	delete passed[KEY];
	return isPossibleJobid(jobid) ? jobid : undefined;
}
