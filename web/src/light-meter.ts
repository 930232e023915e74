/** How the picture's brightness is spread, in equal steps from black to white, as shares of 1. */
export interface Light {
  bins: number[];
  /** Share of pixels at the upper end: what was there is lost. */
  over: number;
}

const width = 160;
const binCount = 64;
/** Of 255. A camera's own white is a little below, and JPEG rings around it. */
const overFrom = 250;

/** Looks at a small copy of the picture. */
export class LightMeter {
  readonly #small = new OffscreenCanvas(width, 1).getContext('2d', { willReadFrequently: true });

  /** Draws `marks` over what is over-exposed, on a canvas of any size; returns the histogram. */
  measure(picture: HTMLCanvasElement, marks: HTMLCanvasElement): Light {
    const small = this.#small;
    const context = marks.getContext('2d');
    const height = Math.round((width * picture.height) / picture.width);
    if (!small || !context || !(height > 0)) return { bins: [], over: 0 };
    small.canvas.height = height;
    small.drawImage(picture, 0, 0, width, height);
    const image = small.getImageData(0, 0, width, height);
    const counts = new Array<number>(binCount).fill(0);
    const { data } = image;
    let over = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
      // Rec. 709
      const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      const bin = Math.min(binCount - 1, Math.floor((luma * binCount) / 256));
      counts[bin] = (counts[bin] ?? 0) + 1;
      const isOver = Math.max(red, green, blue) >= overFrom;
      if (isOver) over++;
      const striped = isOver && (((at / 4) % width) + Math.floor(at / 4 / width)) % 4 < 2;
      data.set(striped ? markColour : clear, at);
    }
    if (marks.width !== width) marks.width = width;
    if (marks.height !== height) marks.height = height;
    context.putImageData(image, 0, 0);
    const pixels = width * height;
    return { bins: counts.map((count) => count / pixels), over: over / pixels };
  }
}

/** Red is for recording: what is too bright is striped in black on the white it is. */
const markColour = [0, 0, 0, 255];
const clear = [0, 0, 0, 0];
