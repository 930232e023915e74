/**
 * Reads the stamp that the synthetic camera draws into each frame: 64 bits in the cells 8…71 of a
 * grid with cells of width/80, row 0 the bits, row 1 the bits inverted, most significant first;
 * luma 235 for 1 and 16 for 0. It survives scaling and lossy coding; what does not is no stamp.
 */
export interface Stamp {
  /** The camera's frame number modulo 65 536. */
  sequence: number;
  /** Sensor timestamp: µs of CLOCK_MONOTONIC, modulo 2^48. */
  sensorUs: number;
}

/** Brightness, 0 to 255, of the pixel in column x and row y. */
export type LumaAt = (x: number, y: number) => number;

const columns = 80;
const firstBit = 8;
const bits = 64;
const threshold = 125;

/** The stamp of a picture of this width, or null where the two rows do not contradict each other bit by bit. */
export function readStamp(width: number, lumaAt: LumaAt): Stamp | null {
  const cell = width / columns;
  const bitAt = (column: number, row: number): boolean =>
    lumaAt(Math.floor((column + 0.5) * cell), Math.floor((row + 0.5) * cell)) > threshold;
  let word = 0n;
  for (let column = firstBit; column < firstBit + bits; column++) {
    const bit = bitAt(column, 0);
    if (bitAt(column, 1) === bit) return null;
    word = (word << 1n) | (bit ? 1n : 0n);
  }
  return { sequence: Number(word >> 48n), sensorUs: Number(word & 0xffff_ffff_ffffn) };
}

/** Of the first plane of a YUV picture, or of a grey one; `stride` is the bytes of a row. */
export function readStampFromLuma(luma: Uint8Array, width: number, stride = width): Stamp | null {
  return readStamp(width, (x, y) => luma[y * stride + x] ?? 0);
}

/** Of a canvas' pixels: green stands for brightness in a grey stamp. RGB 0…255 keeps the threshold's side. */
export function readStampFromRgba(rgba: ArrayLike<number>, width: number): Stamp | null {
  return readStamp(width, (x, y) => rgba[(y * width + x) * 4 + 1] ?? 0);
}
