import WebSocket from 'ws';
import { readFrame, type Frame } from '../../http/live/frame.js';
import type { ApiCaller } from '../api-caller.js';

/** Of a tile: small enough for a hundred at once, and the least width a stamp can be read at. */
const width = 320;
const fps = 2;
const againAfterMs = 2000;
/** No picture of that width is anywhere near this, bytes. */
const largestFrame = 1024 * 1024;

/**
 * The one preview that is taken from a monitor, however many look at its tile. Each frame is
 * acknowledged as it comes, so that the monitor holds none back that this machine could have.
 */
export class Upstream {
  newest: Frame | null = null;
  private socket: WebSocket | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly http: ApiCaller,
    private readonly onFrame: () => void,
  ) {}

  open(): void {
    const path = `/api/v1/preview?codec=jpeg&ack=1&width=${width}&fps=${fps}`;
    const socket = new WebSocket(this.http.webSocketUrl(path), {
      headers: this.http.webSocketHeaders(path),
      perMessageDeflate: false,
      handshakeTimeout: 5000,
      maxPayload: largestFrame,
    });
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary && data.length >= 24) this.take(socket, data);
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.newest = null;
      this.timer = setTimeout(() => this.open(), againAfterMs);
    });
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    const { socket } = this;
    this.socket = null;
    socket?.terminate();
  }

  private take(socket: WebSocket, data: Buffer): void {
    const acknowledgement = Buffer.alloc(4);
    acknowledgement.writeUInt32LE(data.readUInt32LE(4));
    socket.send(acknowledgement);
    this.newest = readFrame(data, performance.now());
    this.onFrame();
  }
}
