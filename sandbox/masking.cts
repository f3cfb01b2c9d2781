/** A Discord token as useapi.net echoes it (docs/api-contract.md, "Discord token and channel"). */
export function maskDiscord(token: string): string {
	// The two ends would reveal most of a shorter token.
	return token.length < 12 ? '…secured…' : `${token.slice(0, 3)}…secured…${token.slice(-3)}`;
}

/** Masks query parameters that may contain secrets, for logs and responses of the controls. */
export function maskUrl(url: string): string {
	return url.replace(/([?&](?:token|key|secret|signature)=)[^&#]*/gi, '$1…');
}
