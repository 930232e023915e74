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
      if (!this.holdsBack) this.release();
    });
  }

  get frames(): VideoMessage[] {
    return this.messages.filter(({ type }) => type === 'fragment');
  }

  /** Acknowledges what was held back, and from now on at once. */
  release(): void {
    this.holdsBack = false;
    for (const sequence of this.owed.splice(0)) {
      const message = Buffer.alloc(4);
      message.writeUInt32LE(sequence);
      this.socket.send(message);
    }
  }

  close(): void {
    this.socket.close();
  }
}
