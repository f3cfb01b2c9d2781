declare module '@n8n/scan-community-package/scanner/scanner.mjs' {
	/** What the scanner lints of a package's source. */
	export const SOURCE_FILE_PATTERNS: string[];

	export function analyzePackage(
		folder: string,
		filePatterns: string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
}
