const { dest, src } = require('gulp');

// TypeScript's compiler takes only the code: icons and codex files go beside it.
exports.default = () =>
	src('nodes/**/*.{svg,json}', { base: '.', encoding: false }).pipe(dest('dist'));
