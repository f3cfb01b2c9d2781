import { encode } from './encoding.cts';
import { hiddenFrames } from './hidden.cts';
import { visibleFrames } from './visible.cts';
import type { Scene } from './scene.cts';

/** Draws and encodes a video. The default size takes about one second on one core. */
export async function render(scene: Scene): Promise<Uint8Array> {
	return await encode(scene.kind === 'hidden' ? hiddenFrames(scene) : visibleFrames(scene), scene);
}
