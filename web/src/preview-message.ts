/** The parts of a preview message. Times as the server gives them, brought to µs. */
export interface PreviewMessage {
  type: number;
  /** It can be shown without those before it. */
  key: boolean;
  /** The camera's own frame number, modulo 2^32. */
  sequence: number;
  /** CLOCK_MONOTONIC of the camera's machine; exact up to 285 years. */
  sensorUs: number;
  payload: Uint8Array<ArrayBuffer>;
}

export const jpegMessage = 1;
export const initMessage = 2;
export const fragmentMessage = 3;
const shortestHeader = 24;
const keyFlag = 1;

/** Reads one message, or null where it is none. The payload is a view of `data`, not a copy. */
export function parsePreviewMessage(data: ArrayBuffer): PreviewMessage | null {
  if (data.byteLength < shortestHeader) return null;
  const view = new DataView(data);
  // The header says its own length, so that it can grow without breaking pages that are open.
  const headerLength = view.getUint16(2, true);
  if (headerLength < shortestHeader || headerLength > data.byteLength) return null;
  return {
    type: view.getUint8(0),
    key: (view.getUint8(1) & keyFlag) !== 0,
    sequence: view.getUint32(4, true),
    sensorUs: Number(view.getBigUint64(8, true) / 1000n),
    payload: new Uint8Array(data, headerLength),
  };
}

/** What tells the server that this frame has been decoded. */
export function acknowledgement(sequence: number): ArrayBuffer {
  const bytes = new ArrayBuffer(4);
  new DataView(bytes).setUint32(0, sequence, true);
  return bytes;
}
