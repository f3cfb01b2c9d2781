/** @type {import('jest').Config} */
module.exports = {
	testEnvironment: 'node',
	// By default jest leaves one core free, which is half of a machine with two.
	maxWorkers: '100%',
	// What modules leave behind adds up from file to file, and slows down tests with many objects.
	workerIdleMemoryLimit: '1GB',
	// A busy machine may take long; a test that hangs is still found.
	testTimeout: 30_000,
	testMatch: ['<rootDir>/test/**/*.test.ts'],
	moduleFileExtensions: ['ts', 'cts', 'js', 'cjs', 'json', 'node'],
	transform: { '\\.c?ts$': ['ts-jest', { tsconfig: 'tsconfig.json', diagnostics: false }] },
};
