import { worker } from 'workerpool';
import { render } from './render.cts';

// In the built package a worker thread starts here; in this repository at worker.cjs, which has the same name there.
worker({ render });
