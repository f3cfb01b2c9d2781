/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	// By default jest leaves one core alone, and on two cores that is half of them.
	maxWorkers: '100%',
	// What modules leave behind adds up from file to file.
	workerIdleMemoryLimit: '1.5GB',
	// A busy machine may take long; a test that hangs is found all the same.
	testTimeout: 30_000,
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	moduleFileExtensions: ['ts', 'cts', 'js', 'cjs', 'json', 'node'],
	transform: { '\\.c?ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
};
