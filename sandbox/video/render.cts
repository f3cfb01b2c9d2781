import { encode } from './encoding.cts';
import { hiddenFrames } from './hidden.cts';
import { openFrames } from './open.cts';
import type { Scene } from './scene.cts';

/** Draws and encodes a whole video: about a second of one core for the usual size. */
export async function render(scene: Scene): Promise<Uint8Array> {
	return await encode(scene.kind === 'hidden' ? hiddenFrames(scene) : openFrames(scene), scene);
}
