import type WebSocket from 'ws';

export interface Seen {
  sequence: number;
  sensorNs: number;
  bytes: number;
  /** performance.now() when its last byte was read. */
  atMs: number;
}

export interface ViewerOptions {
  /** How often frames are acknowledged: at once, not at all, or when `release` is called. */
  ack?: 'at-once' | 'never' | 'held';
}

/** Reads a preview socket as the page does. */
export class TestViewer {
  readonly seen: Seen[] = [];
  private held: number[] = [];

  constructor(
    readonly socket: WebSocket,
    { ack = 'at-once' }: ViewerOptions = {},
  ) {
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: Buffer) => {
      const sequence = data.readUInt32LE(4);
      const sensorNs = Number(data.readBigUInt64LE(8));
      this.seen.push({ sequence, sensorNs, bytes: data.length, atMs: performance.now() });
      if (ack === 'at-once') this.acknowledge(sequence);
      else if (ack === 'held') this.held.push(sequence);
    });
  }

  acknowledge(sequence: number): void {
    const message = Buffer.alloc(4);
    message.writeUInt32LE(sequence);
    this.socket.send(message);
  }

  /** Acknowledges what was held back. */
  release(): void {
    for (const sequence of this.held.splice(0)) this.acknowledge(sequence);
  }

  close(): void {
    this.socket.close();
  }
}
