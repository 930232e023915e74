/**
 * A viewer at the end of a thin link: it takes 50 kB/s from its socket, and acknowledges what has
 * arrived whole. `ages`: how old each picture was when its last byte arrived, in milliseconds.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { parsePicture } from './picture.js';

const bytesPerSecond = 50_000;
const chunkBytes = 2500;

export class SlowViewer {
  readonly agesMs: number[] = [];
  private received = Buffer.alloc(0);
  private upgraded = false;
  private readonly socket: Socket;

  constructor(base: string, fps: number) {
    const { hostname, port, host } = new URL(base);
    // The kernel is read in small pieces, and only when the link has had time to bring them.
    const buffer = Buffer.alloc(chunkBytes);
    this.socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer,
        callback: (size) => {
          this.take(Buffer.from(buffer.subarray(0, size)));
          setTimeout(() => this.socket.resume(), (size / bytesPerSecond) * 1000);
          return false;
        },
      },
    });
    this.socket.write(
      `GET /api/v1/preview?codec=jpeg&ack=1&fps=${String(fps)} HTTP/1.1\r\nHost: ${host}\r\n` +
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    if (!this.upgraded) {
      const end = this.received.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!this.received.subarray(0, end).includes('101')) throw new Error(String(this.received));
      this.received = this.received.subarray(end + 4);
      this.upgraded = true;
    }
    for (let frame = this.nextFrame(); frame !== null; frame = this.nextFrame()) {
      if (frame.opcode === 2) this.onPicture(frame.payload);
      if (frame.opcode === 8) throw new Error('The slow viewer was closed.');
    }
  }

  /** One frame of RFC 6455, section 5.2; a server's are not masked. */
  private nextFrame(): { opcode: number; payload: Buffer } | null {
    const data = this.received;
    if (data.length < 10) return null;
    const short = data.readUInt8(1) & 0x7f;
    const [header, length] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, data.readUInt16BE(2)]
          : [10, Number(data.readBigUInt64BE(2))];
    if (data.length < header + length) return null;
    this.received = data.subarray(header + length);
    return { opcode: data.readUInt8(0) & 0x0f, payload: data.subarray(header, header + length) };
  }

  private onPicture(payload: Buffer): void {
    const picture = parsePicture(payload);
    this.agesMs.push(Number(process.hrtime.bigint() - picture.sensorNs) / 1e6);
    // Final, binary, masked, 4 bytes; a mask of zeros leaves them as they are.
    this.socket.write(
      Buffer.concat([Buffer.from([0x82, 0x84, 0, 0, 0, 0]), payload.subarray(4, 8)]),
    );
  }
}
