/** A picture beyond any of these makes its job fail, in no time and with little memory. Guess: the sandbox's own. */
export const MAX_PICTURE_BYTES = 32 * 1024 * 1024;
export const MAX_PICTURE_PIXELS = 40_000_000;
export const MAX_DECODING_SECONDS = 10;

/** A file that no video can be made of; the message says why. */
export class UnusablePicture extends Error {}
