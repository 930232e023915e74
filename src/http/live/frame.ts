/** A preview message as it came from the addon; one object serves all its viewers. */
export interface Frame {
  /** Header of 24 bytes, then the payload. Shared: nobody changes it. */
  message: Uint8Array;
  /** It can be shown without the frames before it. */
  key: boolean;
  /** The camera's count, modulo 2^32. */
  sequence: number;
  /** CLOCK_MONOTONIC; as a double it is exact to 2 ns for the first half year of uptime. */
  sensorNs: number;
  /** When it reached this thread, by performance.now(). */
  atMs: number;
}

/** The layout is in DESIGN's "Interface contract": u8 type, u8 flags, u16 header length, u32 sequence, u64 sensor ns, u64 wall µs. */
export function readFrame(message: Uint8Array, nowMs: number): Frame {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const sensorNs = view.getUint32(12, true) * 2 ** 32 + view.getUint32(8, true);
  const key = (view.getUint8(1) & 1) !== 0;
  return { message, key, sequence: view.getUint32(4, true), sensorNs, atMs: nowMs };
}

/** The JPEG or MP4 data, without the message's header. */
export function payloadOf(frame: Frame): Uint8Array {
  const { message } = frame;
  return message.subarray((message[2] ?? 0) | ((message[3] ?? 0) << 8));
}
