const { cpSync, existsSync, readdirSync } = require('node:fs');
const { dest, series, src } = require('gulp');

// TypeScript's compiler takes only the code: icons, codex files and schemas go beside it.
const copyAssets = () =>
	src('nodes/**/*.{svg,json}', { base: '.', encoding: false }).pipe(dest('dist'));

// An operation of a video without a schema of its own gives the same job as Video: Create.
const shareSchema = async () => {
	const schemas = 'nodes/Pika/__schema__/v2.0.0/video';
	const operations = readdirSync('nodes/Pika/resources/video').flatMap(
		(file) => /^(\w+)\.operation\.ts$/.exec(file)?.slice(1) ?? [],
	);
	for (const operation of operations) {
		const schema = `${schemas}/${operation}.json`;
		if (!existsSync(schema)) cpSync(`${schemas}/create.json`, `dist/${schema}`);
	}
};

exports.default = series(copyAssets, shareSchema);
