/** Matches white space and invisible characters: zero-width ones, soft hyphens, byte order marks, fillers. */
export const UNSEEN = String.raw`[\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]`;

const EVERY_UNSEEN = new RegExp(UNSEEN, 'gu');
const UNSEEN_BUT_BLANK = new RegExp(`(?! )${UNSEEN}`, 'gu');
/** What people copy with a token from an example of a request. */
const PREFIX = new RegExp(`^${UNSEEN}*(?:authorization:${UNSEEN}*)?(?:bearer${UNSEEN}+)+`, 'iu');

/** An ID or a URL without white space and invisible characters, which it never contains but which come with pasting. */
export function cleanId(pasted: string): string {
	return pasted.replace(EVERY_UNSEEN, '');
}

/** The same for a token, which people also paste with a leading "Bearer ". */
export function cleanToken(pasted: string): string {
	return cleanId(pasted.replace(PREFIX, ''));
}

/** The same for a secret that a person chose: spaces are part of it, except at its ends. */
export function cleanSecret(pasted: string): string {
	return pasted.replace(PREFIX, '').replace(UNSEEN_BUT_BLANK, '').trim();
}
