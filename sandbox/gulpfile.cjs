const { dest, src } = require('gulp');

// TypeScript's compiler takes only the code: sample files and the page go beside it.
exports.default = () => src('{assets,page}/**', { base: '.', encoding: false }).pipe(dest('dist'));
