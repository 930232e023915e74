/**
 * A process that asks of a monitor what must not cost it a frame: viewers, slow ones among them,
 * downloads, a conversion, and pages that are loaded over and over. Its argument is a LoadWish as
 * JSON; it answers each message with what it has had so far.
 */
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from './http-client.js';
import type { LoadSeen, LoadWish } from './load.js';
import { SlowReader } from './slow-reader.js';
import { TestViewer } from './viewer.js';

const wish = JSON.parse(process.argv[2] ?? '') as LoadWish;
const client = new HttpClient(wish.port);
const slowBytesPerSecond = 20_000;
const preview = '/api/v1/preview?codec=jpeg&ack=1';
/** What a page asks for when it is loaded. */
const page = ['/monitor.html', '/monitor.js', '/monitor.css', '/icon.svg'].concat(
  ['status', 'config', 'config/schema', 'controls', 'recordings'].map((path) => `/api/v1/${path}`),
);

let downloaded = 0;
let loads = 0;
let conversions = 0;
// In the field these are other machines: they must not take this one's processor.
setPriority(19);
const quick = Array.from(
  { length: wish.viewers - wish.slowViewers },
  () => new TestViewer(client.socket(preview)),
);
const slow = Array.from(
  { length: wish.slowViewers },
  () => new SlowReader(wish.port, preview, slowBytesPerSecond),
);

async function download(): Promise<void> {
  for (;;) {
    const response = await fetch(`http://${client.host}${wish.download}`);
    for await (const chunk of response.body ?? []) downloaded += (chunk as Uint8Array).length;
  }
}

async function loadPages(): Promise<void> {
  for (;;) {
    const sockets = [client.socket(preview), client.socket('/api/v1/events')];
    for (const socket of sockets) socket.on('error', () => undefined);
    const answers = await Promise.all(page.map((path) => client.get(path)));
    if (answers.some(({ status }) => status !== 200)) throw new Error('A page was refused.');
    for (const socket of sockets) socket.terminate(); // as a page that is left
    loads++;
    await delay(1000 / wish.loadsPerSecond);
  }
}

async function convert(): Promise<void> {
  for (let height = 120; ; height += 2) {
    const path = `/api/v1/recordings/${wish.convert}/convert`;
    const job = (await client.send('POST', path, { body: { kind: 'smaller', height } })).json();
    for (;;) {
      const { state, error } = (await client.get(`/api/v1/jobs/${String(job['id'])}`)).json();
      if (state === 'failed') throw new Error(JSON.stringify(error));
      if (state === 'done') break;
      await delay(100);
    }
    conversions++;
  }
}

void download();
void loadPages();
void convert();
process.on('message', () => {
  const seen: LoadSeen = {
    pictures: quick.reduce((sum, viewer) => sum + viewer.seen.length, 0),
    slowPictures: slow.reduce((sum, viewer) => sum + viewer.sizes.length, 0),
    downloaded,
    loads,
    conversions,
  };
  process.send?.(seen);
});
