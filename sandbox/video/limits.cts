/** A picture beyond any of these limits makes its job fail quickly and with little memory. Guess: all three. */
export const MAX_PICTURE_BYTES = 32 * 1024 * 1024;
export const MAX_PICTURE_PIXELS = 40_000_000;
export const MAX_DECODING_SECONDS = 10;

/** A file that cannot be turned into a video. The message gives the reason. */
export class UnusablePicture extends Error {}
