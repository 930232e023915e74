import type WebSocket from 'ws';

export interface VideoMessage {
  type: 'init' | 'fragment';
  key: boolean;
  sequence: number;
  sensorNs: number;
  payload: Buffer;
}

/** Reads live H.264 as the page does. */
export class VideoViewer {
  readonly messages: VideoMessage[] = [];
  /** While set, nothing is acknowledged. */
  holdsBack = false;
  /** As if at the end of a link that passes no more; for the next messages. */
  bytesPerSecond = Infinity;
  private linkFreeAtMs = 0;
  private owed: number[] = [];

  constructor(
    readonly socket: WebSocket,
    { acknowledges = true }: { acknowledges?: boolean } = {},
  ) {
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: Buffer) => {
      const type = data.readUInt8(0) === 2 ? 'init' : 'fragment';
      const sequence = data.readUInt32LE(4);
      const sensorNs = Number(data.readBigUInt64LE(8));
      const key = (data.readUInt8(1) & 1) !== 0;
      const payload = data.subarray(data.readUInt16LE(2));
      this.messages.push({ type, key, sequence, sensorNs, payload });
      if (type === 'init' || !acknowledges) return;
      this.owed.push(sequence);
      const now = performance.now();
      this.linkFreeAtMs =
        Math.max(this.linkFreeAtMs, now) + (data.length / this.bytesPerSecond) * 1000;
      if (this.linkFreeAtMs <= now) this.acknowledge();
      else setTimeout(() => this.acknowledge(1), this.linkFreeAtMs - now);
    });
  }

  get frames(): VideoMessage[] {
    return this.messages.filter(({ type }) => type === 'fragment');
  }

  /** How many videos began: in another size, or of a camera that was opened anew. */
  get beginnings(): number {
    return this.messages.filter(({ type }) => type === 'init').length;
  }

  /** Frames of the newest video that began. */
  get newest(): VideoMessage[] {
    return this.messages.slice(this.messages.findLastIndex(({ type }) => type === 'init') + 1);
  }

  /** The width of the newest video that began. */
  get width(): number {
    const { payload } = this.messages.findLast(({ type }) => type === 'init') ?? {};
    // In the visual sample entry (ISO 14496-12) after its type: 24 bytes to the width.
    const at = payload?.indexOf('avc1', payload.indexOf('stsd')) ?? NaN;
    return payload?.readUInt16BE(at + 28) ?? NaN;
  }

  /** Acknowledges what was held back, and from now on at once. */
  release(): void {
    this.holdsBack = false;
    this.acknowledge();
  }

  private acknowledge(most = Infinity): void {
    if (this.holdsBack) return;
    for (const sequence of this.owed.splice(0, most)) {
      const message = Buffer.alloc(4);
      message.writeUInt32LE(sequence);
      this.socket.send(message);
    }
  }

  close(): void {
    this.socket.close();
  }
}
