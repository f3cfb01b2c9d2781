const MAXIMUM_LENGTH = 500;

/** Makes foreign text fit for a message: no control characters, one line, at most 500 characters. */
export function shorten(text: string): string {
	const plain = text.replace(/\p{C}/gu, ' ').replace(/\s+/g, ' ').trim();
	return plain.length > MAXIMUM_LENGTH ? `${plain.slice(0, MAXIMUM_LENGTH)} …` : plain;
}

/** The readable text of an HTML page, which is what a withdrawn service or a proxy answers with. */
export function withoutMarkup(text: string): string {
	return text.replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
}
