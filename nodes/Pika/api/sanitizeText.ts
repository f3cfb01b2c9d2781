const MAXIMUM_LENGTH = 500;
/** Markup may be much longer than its text. Beyond this nobody reads, and the patterns become slow. */
const MAXIMUM_MARKUP = 5_000;

/** Makes foreign text fit for a message: no control characters, one line, at most 500 characters. */
export function sanitizeText(text: string): string {
	const plain = text.slice(0, MAXIMUM_MARKUP).replace(/\p{C}/gu, ' ').replace(/\s+/g, ' ').trim();
	const characters = [...plain];
	return characters.length > MAXIMUM_LENGTH
		? `${characters.slice(0, MAXIMUM_LENGTH).join('')} …`
		: plain;
}

/** The readable text of an HTML page, which is what a withdrawn service or a proxy answers with. */
export function withoutMarkup(text: string): string {
	return text
		.slice(0, MAXIMUM_MARKUP)
		.replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ')
		.replace(/<[^>]*>/g, ' ');
}
