import { parse, stringify } from 'flatted';

import type { IRunExecutionData } from 'n8n-workflow';

/** What n8n reads back after it stored an execution: dates are text, errors plain objects, nodes no longer the workflow's own. */
export function savedAndLoaded(data: IRunExecutionData): IRunExecutionData {
	// flatted is what n8n stores executions with; parsing is untyped, and what comes out has the shape that went in.
	return parse(stringify(data)) as IRunExecutionData;
}
