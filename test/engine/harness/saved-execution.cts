import { parse, stringify } from 'flatted';

import type { IRunExecutionData } from 'n8n-workflow';

/** An execution as n8n reads it back: dates are text, errors are plain objects, and nodes are copies. */
export function savedAndLoaded(data: IRunExecutionData): IRunExecutionData {
	// n8n stores executions with flatted, whose result is untyped but has the shape of its input.
	return parse(stringify(data)) as IRunExecutionData;
}
