/** A Discord token as useapi.net echoes it (docs/api-contract.md, "Discord token and channel"). */
export function maskDiscord(token: string): string {
	// The ends of a shorter one would give it away.
	return token.length < 12 ? '…secured…' : `${token.slice(0, 3)}…secured…${token.slice(-3)}`;
}

/** A URL without the values of query parameters that may hold a secret, for logs and control answers. */
export function maskUrl(url: string): string {
	return url.replace(/([?&](?:token|key|secret|signature)=)[^&#]*/gi, '$1…');
}
