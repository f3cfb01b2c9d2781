/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	moduleFileExtensions: ['ts', 'cts', 'js', 'cjs', 'json', 'node'],
	transform: { '\\.c?ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
};
