/**
 * A process of viewers, each as the page is one: it acknowledges every picture once it has parsed
 * it, or every frame of video. Arguments: base URL, number, pictures a second, codec. Tells over IPC when all have a picture, and,
 * when asked, what they have seen since it was last asked.
 */
import { WebSocket } from 'ws';
import { parsePicture } from './picture.js';

export interface Seen {
  pictures: number;
  bytes: number;
  /** From the start of exposure to the parsed JPEG or the video frame's last byte, in milliseconds, of every one. */
  latencyMs: number[];
}

const mp4Init = 2;
const [base = '', count = '1', fps = '30', codec = 'jpeg'] = process.argv.slice(2);
const wanted = Number(count);
const nothing = (): Seen => ({ pictures: 0, bytes: 0, latencyMs: [] });
let seen = nothing();
const served = new Set<number>();

function view(index: number): void {
  const socket = new WebSocket(
    `${base.replace('http', 'ws')}/api/v1/preview?codec=${codec}&ack=1&fps=${fps}`,
    { perMessageDeflate: false },
  );
  socket.on('message', (data: Buffer) => {
    if (data.readUInt8(0) === mp4Init) return;
    if (codec === 'jpeg') parsePicture(data);
    seen.latencyMs.push(Number(process.hrtime.bigint() - data.readBigUInt64LE(8)) / 1e6);
    seen.pictures++;
    seen.bytes += data.length;
    socket.send(data.subarray(4, 8));
    if (served.has(index)) return;
    served.add(index);
    if (served.size === wanted) process.send?.('all');
  });
  socket.on('close', (code) => {
    if (process.connected) throw new Error(`A viewer was closed with ${String(code)}.`);
  });
}

for (let i = 0; i < wanted; i++) view(i);
process.on('message', () => {
  process.send?.(seen);
  seen = nothing();
});
