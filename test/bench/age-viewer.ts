import { WebSocket } from 'ws';

const mp4Init = 2;

/** A viewer near by that acknowledges as the page does, and knows how old frames were at their last byte. */
export class AgeViewer {
  private readonly socket: WebSocket;
  private agesMs: number[] = [];

  constructor(base: string, codec: 'jpeg' | 'h264') {
    const url = `${base.replace('http', 'ws')}/api/v1/preview?codec=${codec}&ack=1`;
    this.socket = new WebSocket(url, { perMessageDeflate: false });
    this.socket.on('message', (data: Buffer) => {
      if (data.readUInt8(0) === mp4Init) return;
      this.agesMs.push(Number(process.hrtime.bigint() - data.readBigUInt64LE(8)) / 1e6);
      this.socket.send(data.subarray(4, 8));
    });
    this.socket.on('close', (code) => {
      if (code !== 1000) throw new Error(`The ${codec} viewer was closed with ${code}.`);
    });
  }

  /** Of the frames since the last call, in ms. */
  takeAges(): number[] {
    return this.agesMs.splice(0);
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.close();
  }
}
