import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';

/**
 * A viewer that reads `bytesPerSecond` from its socket and no more, and acknowledges each frame once
 * its last byte is read. It speaks just as much WebSocket as that needs (RFC 6455).
 */
export class SlowReader {
  /** Age of each frame when its last byte was read, by this machine's monotonic clock. */
  readonly agesMs: number[] = [];
  readonly sizes: number[] = [];
  private readonly socket: Socket;
  private readonly timer: NodeJS.Timeout;
  private buffer = Buffer.alloc(0);
  private upgraded = false;

  constructor(port: number, path: string, bytesPerSecond: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    this.socket.on('error', () => undefined);
    const everyMs = 20;
    const portion = Math.round((bytesPerSecond * everyMs) / 1000);
    this.socket.pause();
    this.timer = setInterval(() => {
      // Paused, the socket reads ahead only to its small high-water mark.
      const chunk = (this.socket.read(Math.min(portion, this.socket.readableLength)) ??
        null) as Buffer | null;
      if (chunk !== null) this.take(chunk);
      else this.socket.read(0);
    }, everyMs);
  }

  close(): void {
    clearInterval(this.timer);
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    if (!this.upgraded) {
      const end = this.buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.upgraded = true;
      this.buffer = this.buffer.subarray(end + 4);
    }
    for (let message = this.next(); message !== null; message = this.next()) {
      if (message.readUInt8(0) === 2) continue; // of H.264: no frame
      const sensorMs = Number(message.readBigUInt64LE(8)) / 1e6;
      this.agesMs.push(Number(process.hrtime.bigint()) / 1e6 - sensorMs);
      this.sizes.push(message.length);
      this.acknowledge(message.subarray(4, 8));
    }
  }

  /** The next whole binary message, unmasked as a server sends it. */
  private next(): Buffer | null {
    const { buffer } = this;
    if (buffer.length < 2) return null;
    const short = (buffer[1] ?? 0) & 127;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (buffer.length < head) return null;
    const length =
      short < 126
        ? short
        : short === 126
          ? buffer.readUInt16BE(2)
          : Number(buffer.readBigUInt64BE(2));
    if (buffer.length < head + length) return null;
    this.buffer = buffer.subarray(head + length);
    const binary = ((buffer[0] ?? 0) & 15) === 2;
    return binary ? buffer.subarray(head, head + length) : this.next();
  }

  private acknowledge(sequence: Buffer): void {
    const mask = randomBytes(4);
    const masked = sequence.map((byte, i) => byte ^ (mask[i] ?? 0));
    this.socket.write(Buffer.concat([Buffer.from([0x82, 0x84]), mask, masked]));
  }
}
