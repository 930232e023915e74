type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of a sample entry before the boxes in it (ISO 14496-12, VisualSampleEntry). */
const sampleEntryFields = 78;
/** Of `stsd` before its entries: version, flags, count. */
const descriptionFields = 8;

/** How an H.264 stream is to be decoded. */
export interface AvcConfig {
  /** As codecs are named, such as `avc1.64001f`. */
  codec: string;
  /** The AVCDecoderConfigurationRecord. */
  description: Bytes;
}

/** Reads it from an MP4's beginning; null where that holds no H.264. */
export function avcConfig(init: Bytes): AvcConfig | null {
  const entries = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'].reduce(boxIn, init);
  const entry = boxIn(entries.subarray(descriptionFields), 'avc1');
  const description = boxIn(entry.subarray(sampleEntryFields), 'avcC');
  if (description.length < 4) return null;
  const profile = [...description.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, '0'));
  return { codec: `avc1.${profile.join('')}`, description };
}

/** The one frame of a fragment: its NAL units, each after its length. */
export function frameOf(fragment: Bytes): Bytes {
  return boxIn(fragment, 'mdat');
}

/** What is in the first box of this kind; empty where there is none. */
function boxIn(data: Bytes, type: string): Bytes {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at + 8 <= data.length;) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...data.subarray(at + 4, at + 8));
    if (name === type) return data.subarray(at + 8, at + size);
    if (size < 8) break;
    at += size;
  }
  return data.subarray(0, 0);
}
