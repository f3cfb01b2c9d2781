/** Settles when everything that can go on without time passing has gone on. */
export async function settled(): Promise<void> {
	await new Promise<void>((settle) => setImmediate(settle));
}
