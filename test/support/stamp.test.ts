import t from 'tap';
import { readStampFromLuma, readStampFromRgba, type Stamp } from './stamp.js';

/** A grey picture of two rows of cells, drawn as the synthetic camera promises to. */
function drawn({ sequence, sensorUs }: Stamp, width: number, one = 235, zero = 16): Uint8Array {
  const word = (BigInt(sequence) << 48n) | BigInt(sensorUs);
  const edge = (cell: number): number => Math.round((cell * width) / 80);
  const luma = new Uint8Array(width * edge(2)).fill(90);
  for (let bit = 0; bit < 64; bit++) {
    const set = ((word >> BigInt(63 - bit)) & 1n) === 1n;
    for (const row of [0, 1]) {
      for (let y = edge(row); y < edge(row + 1); y++) {
        luma.fill(
          set === (row === 0) ? one : zero,
          y * width + edge(8 + bit),
          y * width + edge(9 + bit),
        );
      }
    }
  }
  return luma;
}

const stamp = { sequence: 0xa5f0, sensorUs: 0x1234_5678_9abc };

t.test('a stamp is read at every width there is', (t) => {
  for (const width of [320, 424, 640, 854, 1280, 1296, 1920, 2304, 4056]) {
    t.same(readStampFromLuma(drawn(stamp, width), width), stamp, `${width} px`);
  }
  t.end();
});

t.test('the largest and the smallest numbers keep all their bits', (t) => {
  for (const edge of [
    { sequence: 0, sensorUs: 0 },
    { sequence: 65_535, sensorUs: 2 ** 48 - 1 },
  ]) {
    t.same(readStampFromLuma(drawn(edge, 640), 640), edge);
  }
  t.end();
});

t.test('coding may soften it, RGB may hold it, rows may be padded', (t) => {
  t.same(readStampFromLuma(drawn(stamp, 640, 160, 90), 640), stamp);
  const rgba = [...drawn(stamp, 640)].flatMap((luma) => [luma, luma, luma, 255]);
  t.same(readStampFromRgba(rgba, 640), stamp);
  const padded = new Uint8Array(704 * 16);
  for (let y = 0; y < 16; y++)
    padded.set(drawn(stamp, 640).subarray(y * 640, (y + 1) * 640), y * 704);
  t.same(readStampFromLuma(padded, 640, 704), stamp);
  t.end();
});

t.test('what is no stamp is not taken for one', (t) => {
  t.equal(readStampFromLuma(new Uint8Array(640 * 16).fill(235), 640), null, 'a white picture');
  const damaged = drawn(stamp, 640).fill(235, 640 * 8 + 64, 640 * 8 + 72);
  damaged.fill(235, 640 * 12 + 64, 640 * 12 + 72);
  t.equal(readStampFromLuma(damaged, 640), null, 'one bit that both rows claim');
  t.equal(readStampFromLuma(new Uint8Array(0), 640), null, 'nothing at all');
  t.end();
});
