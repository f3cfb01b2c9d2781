/** Settles when everything that can proceed without time passing has done so. */
export async function settled(): Promise<void> {
	await new Promise<void>((settle) => setImmediate(settle));
}
