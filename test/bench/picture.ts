/** A message of the preview socket. */
export interface Picture {
  sequence: number;
  sensorNs: bigint;
  width: number;
  height: number;
}

/** Reads the header and walks the JPEG's segments to its size and its end; throws where it is not whole. */
export function parsePicture(message: Buffer): Picture {
  const jpeg = message.subarray(message.readUInt16LE(2));
  if (jpeg.readUInt16BE(0) !== 0xffd8 || jpeg.readUInt16BE(jpeg.length - 2) !== 0xffd9) {
    throw new Error('This is no whole JPEG.');
  }
  let at = 2;
  let [width, height] = [0, 0];
  for (;;) {
    const marker = jpeg.readUInt16BE(at);
    if (marker === 0xffc0) {
      height = jpeg.readUInt16BE(at + 5);
      width = jpeg.readUInt16BE(at + 7);
    }
    if (marker === 0xffda) break; // the coded picture follows
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return {
    sequence: message.readUInt32LE(4),
    sensorNs: message.readBigUInt64LE(8),
    width,
    height,
  };
}
