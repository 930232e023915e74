import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificate } from '../../src/monitor/certificate.js';
import { ServerProcess } from './server-process.js';
import { percentile, table } from './stats.js';

const segmentSeconds = 10;
const everySeconds = 10;

interface Reading {
  minute: number;
  memoryMb: number;
  fds: number;
}

/** Records 1280×720 at 30 in segments of ten seconds, for the asked minutes: does memory stay flat? */
export async function benchSoak({ minutes = 60 }: { minutes?: number }): Promise<object> {
  const server = await ServerProcess.start(tmpdir());
  try {
    await server.call('PATCH', '/config', {
      recording: { segmentDuration: `${String(segmentSeconds)}s` },
    });
    await server.call('POST', '/recording', { name: 'soak' });
    const readings: Reading[] = [];
    for (let passed = 0; passed < minutes * 60; passed += everySeconds) {
      await delay(everySeconds * 1000);
      readings.push({
        minute: (passed + everySeconds) / 60,
        memoryMb: server.memory().nowMb,
        fds: readdirSync(`/proc/${String(server.pid)}/fd`).length,
      });
    }
    const { frames, losses, files } = await server.call<Certificate>('DELETE', '/recording');
    // The first tenth is the start; of the rest the first and the last third are compared.
    const steady = readings.slice(Math.ceil(readings.length / 10));
    const third = Math.ceil(steady.length / 3);
    const early = middle(steady.slice(0, third));
    const late = middle(steady.slice(-third));
    const written = frames?.written ?? 0;
    const segments = files.filter(({ path }) => path.endsWith('.mp4')).length;
    console.log(`${String(minutes)} min, ${String(segments)} segments, ${String(written)} frames:`);
    console.log(
      table([
        ['', 'memory MB', 'fds'],
        ...Object.entries({ early, late }).map(([when, { memoryMb, fds }]) => [
          when,
          memoryMb.toFixed(1),
          fds.toFixed(0),
        ]),
      ]),
    );
    console.log(`lost: ${JSON.stringify(losses)}`);
    return { minutes, segments, written, losses, early, late, readings };
  } finally {
    await server.stop();
  }
}

function middle(readings: readonly Reading[]): Pick<Reading, 'memoryMb' | 'fds'> {
  return {
    memoryMb: percentile(
      readings.map(({ memoryMb }) => memoryMb),
      0.5,
    ),
    fds: percentile(
      readings.map(({ fds }) => fds),
      0.5,
    ),
  };
}
