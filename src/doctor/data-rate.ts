import type { Config } from '../config/schema.js';

/** Where no bitrate is set, as the hardware encoder chooses it; constant quality is near it. */
const bitsPerPixel = 0.14;

/** What a recording is expected to write; the scene decides what it really does. */
export function expectedBytesPerSecond({ camera, encoder }: Config): number {
  const byPicture = camera.width * camera.height * camera.fps * bitsPerPixel;
  const set = encoder.kind === 'software' ? 0 : encoder.bitrate * 1e6;
  return (set > 0 ? set : byPicture) / 8;
}
