import { worker } from 'workerpool';
import { render } from './render.cts';

// The entry point of worker threads in the built package. In this repository, worker.cjs is the entry point.
worker({ render });
