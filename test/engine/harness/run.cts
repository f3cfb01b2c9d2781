import './environment.cts';

import { WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	deepCopy,
	type ExecutionError,
	type IDataObject,
	type IExecuteContextData,
	type INodeExecutionData,
	type IRun,
	type IRunExecutionData,
	type ITaskData,
	type IWorkflowBase,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { additionalDataFor, type HostOptions } from './additional-data.cts';
import { ensureBinaryStore, readBinary } from './binary-store.cts';
import { ensureDeduplicator } from './deduplicator.cts';
import { savedAndLoaded } from './saved-execution.cts';
import {
	engineWorkflow,
	startNodeOf,
	workflowFrom,
	type NodeTypesByName,
	type WorkflowOptions,
} from './workflow.cts';

export interface RunOptions extends WorkflowOptions, HostOptions {
	/** Items for the start node; by default one empty item. */
	input?: INodeExecutionData[];
	/** By default, the first node without an incoming connection. */
	startNode?: string;
	executionId?: string;
	mode?: WorkflowExecuteMode;
	/** What nodes and workflow stored with `getContext()` before this run. */
	contextData?: IExecuteContextData;
	/** Execution data of an earlier run to continue from, instead of starting a new one. */
	restoreFrom?: IRunExecutionData;
	/** Cancels the execution as the Stop button does. */
	signal?: AbortSignal;
}

/** A stored execution: everything that n8n needs to run or resume it. */
export interface Execution {
	id: string;
	mode: WorkflowExecuteMode;
	resumed: boolean;
	workflow: IWorkflowBase;
	nodeTypes: NodeTypesByName;
	host: HostOptions;
	data: IRunExecutionData;
}

/** How a run of the engine ended. */
export interface WorkflowRun {
	run: IRun;
	/** The status that n8n stores, which is stricter than the engine's own in `run.status`. */
	status: IRun['status'];
	execution: Execution;
	/** The error with which the execution failed. */
	error: ExecutionError | undefined;
	/** What nodes stored with `getContext('node')`, under `node:<name>`. */
	contextData: IExecuteContextData;
	/** Every time the node ran. */
	runsOf(nodeName: string): ITaskData[];
	/** The items of one output of a node; none if it did not run. */
	output(nodeName: string, outputIndex?: number, runIndex?: number): INodeExecutionData[];
	/** The bytes of an item's binary, in both binary modes of a workflow. */
	binary(item: INodeExecutionData, name: string): Promise<Buffer>;
}

export interface RunningWorkflow {
	result: Promise<WorkflowRun>;
	/** Cancels the execution as n8n's Stop button does. */
	cancel(): void;
}

let lastExecutionId = 0;

/** An id that no execution of this test file has had. */
export function newExecutionId(): string {
	lastExecutionId += 1;
	return String(lastExecutionId);
}

/** Runs a workflow in n8n's own engine, up to its end, its failure or its wait. */
export async function runWorkflow(options: RunOptions): Promise<WorkflowRun> {
	return await (
		await startWorkflow(options)
	).result;
}

/** Starts a workflow in n8n's own engine, for tests that cancel it. */
export async function startWorkflow(options: RunOptions): Promise<RunningWorkflow> {
	const {
		input,
		startNode,
		executionId,
		mode = 'manual',
		contextData,
		restoreFrom,
		signal,
	} = options;
	const workflow = workflowFrom(options, Object.keys(options.credentials ?? {}));
	const { nodeTypes } = options;
	const node = startNodeOf(engineWorkflow(workflow, nodeTypes), startNode);
	const data = restoreFrom
		? savedAndLoaded(restoreFrom)
		: createRunExecutionData({
				executionData: {
					contextData,
					nodeExecutionStack: [{ node, data: { main: [input ?? [{ json: {} }]] }, source: null }],
				},
			});
	const id = executionId ?? newExecutionId();
	const execution = { id, mode, resumed: false, workflow, nodeTypes, host: options, data };
	return await startExecution(execution, signal);
}

/** Passes an execution to the engine. */
export async function startExecution(
	execution: Execution,
	signal?: AbortSignal,
): Promise<RunningWorkflow> {
	await ensureBinaryStore();
	await ensureDeduplicator();
	const { mode, workflow, nodeTypes, host, data } = execution;
	const additionalData = additionalDataFor(host, workflow, execution);
	additionalData.hooks?.addHandler(
		'workflowExecuteAfter',
		(_run, changed: IDataObject | undefined) => {
			// n8n discards what a manual run changes.
			if (changed !== undefined && mode !== 'manual') workflow.staticData = deepCopy(changed);
		},
	);
	const engine = new WorkflowExecute(additionalData, mode, data);
	const running = engine.processRunExecutionData(engineWorkflow(workflow, nodeTypes));
	const cancel = () => {
		running.cancel();
	};
	signal?.addEventListener('abort', cancel, { once: true });
	if (signal?.aborted === true) cancel();
	const timeout = (workflow.settings?.executionTimeout ?? 0) * 1000;
	const timer = timeout > 0 ? setTimeout(cancel, timeout) : undefined;
	const result = running
		.then((run) => runResult(run, execution))
		.finally(() => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', cancel);
		});
	return { result, cancel };
}

function runResult(run: IRun, execution: Execution): WorkflowRun {
	const { resultData, executionData } = run.data;
	const runsOf = (nodeName: string) => {
		if (!execution.workflow.nodes.some(({ name }) => name === nodeName)) {
			throw new Error(`The workflow has no node '${nodeName}'`);
		}
		return resultData.runData[nodeName] ?? [];
	};
	return {
		run,
		status: storedStatus(run),
		execution: { ...execution, data: run.data },
		error: resultData.error,
		contextData: executionData?.contextData ?? {},
		runsOf,
		output: (nodeName, outputIndex = 0, runIndex = 0) =>
			runsOf(nodeName)[runIndex]?.data?.main?.[outputIndex] ?? [],
		binary: readBinary,
	};
}

function storedStatus(run: IRun): IRun['status'] {
	if (run.waitTill) return 'waiting';
	if (run.status === 'canceled') return 'canceled';
	return run.status === 'error' || run.data.resultData.error ? 'error' : 'success';
}
