/** Cells of the grid; few, so that chance finds little among them, and small enough for a phone's page. */
const columns = 8;
const rows = 6;
/** The small copy has so many pixels along a cell's side. */
const perCell = 8;
const width = columns * perCell;
const height = rows * perCell;

/** Looks at a small copy of a picture. */
export class LumaGrid {
  readonly #small = new OffscreenCanvas(width, height).getContext('2d', {
    willReadFrequently: true,
  });

  /** The mean luma, of 255, of each cell, row by row. */
  read(picture: HTMLCanvasElement): number[] {
    const sums = new Array<number>(columns * rows).fill(0);
    if (!this.#small) return sums;
    this.#small.drawImage(picture, 0, 0, width, height);
    const { data } = this.#small.getImageData(0, 0, width, height);
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
      const x = (at / 4) % width;
      const y = Math.floor(at / 4 / width);
      const cell = Math.floor(y / perCell) * columns + Math.floor(x / perCell);
      // Rec. 709
      sums[cell] = (sums[cell] ?? 0) + 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    }
    return sums.map((sum) => sum / perCell ** 2);
  }
}
