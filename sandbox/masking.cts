/** A Discord token as useapi.net echoes it: its first three and last three characters (section 2.2). */
export function maskDiscord(token: string): string {
	// Anything shorter would be given away by its ends.
	return token.length < 12 ? '…secured…' : `${token.slice(0, 3)}…secured…${token.slice(-3)}`;
}

/** A URL without the values of query parameters that may hold a secret, for logs and control answers. */
export function maskUrl(url: string): string {
	return url.replace(/([?&](?:token|key|secret|signature)=)[^&#]*/gi, '$1…');
}
