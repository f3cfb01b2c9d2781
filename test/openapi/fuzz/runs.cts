/** How many random requests to each operation are tried. */
export const requestRuns = Number(process.env.PIKA_INPUT_RUNS ?? 25);

export { inputSeed as requestSeed } from '../../engine/inputs/runs.cts';
