const MAXIMUM_LENGTH = 500;
/** Markup can be much longer than its text. Nobody reads more than this, and the patterns would become slow. */
const MAXIMUM_MARKUP = 5_000;

/** Makes text from outside safe for messages: one line, without control characters, at most 500 characters. */
export function sanitizeText(text: string): string {
	const plain = text.slice(0, MAXIMUM_MARKUP).replace(/\p{C}/gu, ' ').replace(/\s+/g, ' ').trim();
	const characters = [...plain];
	return characters.length > MAXIMUM_LENGTH
		? `${characters.slice(0, MAXIMUM_LENGTH).join('')} …`
		: plain;
}

/** The readable text of an HTML page, such as a proxy or a withdrawn service returns. */
export function withoutMarkup(text: string): string {
	return text
		.slice(0, MAXIMUM_MARKUP)
		.replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ')
		.replace(/<[^>]*>/g, ' ');
}
