/** The synthetic camera's stamp: two rows of cells, a width of 80 cells, bits in columns 8 to 71. */
const columns = 80;
const firstBit = 8;
const bits = 64;
/** Of luma as a browser shows it: between the limited range's black and white. */
const threshold = 127;

/** Reads the sensor time that is drawn into a synthetic picture. */
export class StampReader {
  readonly #cells = new OffscreenCanvas(columns, 2).getContext('2d', { willReadFrequently: true });

  /** µs of the camera's CLOCK_MONOTONIC, or null where the picture carries no stamp. */
  read(picture: HTMLCanvasElement): number | null {
    const cells = this.#cells;
    if (!cells) return null;
    // Without smoothing each cell's middle is what one pixel takes.
    cells.imageSmoothingEnabled = false;
    cells.drawImage(picture, 0, 0, picture.width, (2 * picture.width) / columns, 0, 0, columns, 2);
    const { data } = cells.getImageData(0, 0, columns, 2);
    const isSet = (column: number, row: number): boolean =>
      (data[(row * columns + column) * 4 + 1] ?? 0) > threshold;
    let word = 0n;
    for (let bit = 0; bit < bits; bit++) {
      const set = isSet(firstBit + bit, 0);
      if (set === isSet(firstBit + bit, 1)) return null; // the second row is the first inverted
      word = (word << 1n) | (set ? 1n : 0n);
    }
    return Number(word & 0xffff_ffff_ffffn);
  }
}
