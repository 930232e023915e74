/** A box of an mp4 in memory (ISO/IEC 14496-12): its content is other boxes, or bytes. */
export interface Box {
  type: string;
  content: Buffer | Box[];
}

/** Boxes that hold boxes, as far as the way to a video's table of samples goes. */
const containers = ['moov', 'trak', 'mdia', 'minf', 'stbl'];

export const boxHeaderBytes = 8;

/** Length and type, as a box of less than 4 GiB begins. */
export function boxHeader(size: number, type: string): Buffer {
  const header = Buffer.alloc(boxHeaderBytes);
  header.writeUInt32BE(size);
  header.write(type, 4, 'latin1');
  return header;
}

/** Throws RangeError where the bytes are no boxes. */
export function parseBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + boxHeaderBytes);
    if (size < boxHeaderBytes || at + size > bytes.length)
      throw new RangeError(`${type} is broken`);
    const content = bytes.subarray(at + boxHeaderBytes, at + size);
    boxes.push({ type, content: containers.includes(type) ? parseBoxes(content) : content });
    at += size;
  }
  return boxes;
}

export function serializeBoxes(boxes: readonly Box[]): Buffer {
  return Buffer.concat(
    boxes.flatMap(({ type, content }) => {
      const bytes = Array.isArray(content) ? serializeBoxes(content) : content;
      return [boxHeader(boxHeaderBytes + bytes.length, type), bytes];
    }),
  );
}

/** The bytes of the box at the end of this path. Throws RangeError where there is none. */
export function bytesAt(boxes: readonly Box[], ...path: string[]): Buffer {
  const [type, ...rest] = path;
  const box = boxes.find((one) => one.type === type);
  if (box === undefined) throw new RangeError(`there is no box ${String(type)}`);
  if (Array.isArray(box.content)) return bytesAt(box.content, ...rest);
  return box.content;
}

/** The same boxes; each box of bytes becomes what `change` makes of it, null takes it out. */
export function mapBoxes(
  boxes: readonly Box[],
  change: (type: string, content: Buffer) => Buffer | null,
): Box[] {
  return boxes.flatMap(({ type, content }) => {
    const changed = Array.isArray(content) ? mapBoxes(content, change) : change(type, content);
    return changed === null ? [] : [{ type, content: changed }];
  });
}
