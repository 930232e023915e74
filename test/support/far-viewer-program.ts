/**
 * A viewer of the live view at the end of a bad way: all comes late by 200 ms ± 50 ms, and, when a number
 * is sent to it, not at all for so many milliseconds. Arguments: host, port, path. It acknowledges as the page
 * does, and tells of each frame, of each stall, and of the end.
 */
import { WebSocket } from 'ws';
import type { FarNews } from './far-viewer.js';
import { ThinLink } from './thin-link.js';

const [host = '', port = '', path = ''] = process.argv.slice(2);
const mp4Init = 2;

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const tell = (news: FarNews): boolean | undefined => process.send?.(news);

const link = await ThinLink.to(Number(port), host);
link.delayMs = () => 150 + 100 * Math.random();
const headers = { Host: `${host}:${port}` };
const url = `ws://127.0.0.1:${link.port}${path}`;
const socket = new WebSocket(url, { headers, perMessageDeflate: false });
socket.on('message', (data: Buffer) => {
  if (data.readUInt8(0) === mp4Init) return;
  const madeMs = Number(data.readBigUInt64LE(8)) / 1e6;
  tell({ frame: { madeMs, arrivedMs: nowMs(), bytes: data.length } });
  socket.send(data.subarray(4, 8));
});
socket.on('close', (code) => tell({ closed: code }));
process.on('message', (ms: number) => {
  link.stall(ms);
  tell({ stalled: { fromMs: nowMs(), toMs: nowMs() + ms } });
});
process.on('disconnect', () => process.exit());
