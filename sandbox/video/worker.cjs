// Plain JavaScript, because a worker thread starts without TypeScript's tools: it loads them, and then the renderer.
require('tsx/cjs/api').register();
const { worker } = require('workerpool');
const { render } = require('./render.cts');

worker({ render });
