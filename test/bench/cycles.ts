import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAddon } from '../../src/native.js';
import { table } from './stats.js';

const cycles = 1000;
const warmUp = 100;
const encoder = {
  kind: 'software',
  preset: 'ultrafast',
  quality: 30,
  threads: 1,
  bitrate: 0,
  gopMs: 1000,
} as const;

interface Held {
  memoryMb: number;
  fds: number;
  threads: number;
}

/** Starts and stops a recording 1 000 times on one running camera: nothing may stay behind. */
export async function benchCycles(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-bench-'));
  const addon = loadAddon();
  const session = new addon.Session({ onPreview: () => undefined, onEvent: () => undefined });
  await session.start({
    id: 'synthetic',
    width: 320,
    height: 180,
    fps: 240,
    previewWidth: 320,
    previewHeight: 180,
  });
  const readings: Held[] = [];
  let written = 0;
  try {
    for (let i = 0; i <= cycles; i++) {
      if (i === warmUp || i === cycles) readings.push(held());
      const path = join(folder, 'cycle.mp4');
      await session.startRecording({ path, encoder, maxDurationMs: 0 });
      written += (await session.stopRecording('requested')).written;
      await rm(path);
    }
  } finally {
    await session.close();
    await rm(folder, { recursive: true });
  }
  console.log(
    `${String(cycles)} recordings started and stopped, ${String(written)} frames written:`,
  );
  console.log(
    table([
      ['after', 'memory MB', 'fds', 'threads'],
      ...readings.map((reading, i) => [
        String(i === 0 ? warmUp : cycles),
        reading.memoryMb.toFixed(1),
        String(reading.fds),
        String(reading.threads),
      ]),
    ]),
  );
  return { cycles, written, early: readings[0], late: readings[1] };
}

function held(): Held {
  globalThis.gc?.();
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return {
    memoryMb: Number(rss) / 1024,
    fds: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
  };
}
