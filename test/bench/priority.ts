import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Certificate } from '../../src/monitor/certificate.js';
import { layLargeRecording, startLoad } from '../support/load.js';
import { watchMachine, type MachineShares } from './machine-time.js';
import { ServerProcess } from './server-process.js';
import { table } from './stats.js';

const camera = { width: 1920, height: 1080, fps: 30 };
const load = { viewers: 50, slowViewers: 20, loadsPerSecond: 10 };
/** Long enough for a conversion to be busy with it. */
const sampleSeconds = 10;

interface Result extends MachineShares {
  frames: number;
  losses: Certificate['losses'];
}

/**
 * Records 1920×1080 at 30 for six times the asked seconds without any load, and as long again with 50
 * viewers, 20 of them reading 20 kB/s, a download, a conversion and pages that are loaded over and over.
 */
export async function benchPriority(options: { seconds: number }): Promise<object> {
  const seconds = options.seconds * 6;
  const server = await ServerProcess.start(tmpdir());
  try {
    await server.call('PATCH', '/config', { camera });
    const download = await layLargeRecording(server.recordings, 4e9);
    await record(server, 'sample', sampleSeconds);
    const control = await record(server, 'control', seconds);
    const crowd = startLoad({ port: server.port, download, convert: 'sample', ...load });
    let loaded: Result;
    try {
      await crowd.seen();
      loaded = await record(server, 'loaded', seconds);
    } finally {
      console.log(`The load had ${JSON.stringify(await crowd.seen())}.`);
      await crowd.stop();
    }
    print(seconds, { control, loaded });
    return { camera, load, seconds, control, loaded };
  } finally {
    await server.stop();
  }
}

async function record(server: ServerProcess, name: string, seconds: number): Promise<Result> {
  await server.call('POST', '/recording', { name });
  const shares = watchMachine();
  await delay(seconds * 1000);
  const { busy, stolen } = shares();
  const { frames, losses } = await server.call<Certificate>('DELETE', '/recording');
  return { frames: frames?.written ?? 0, losses, busy, stolen };
}

function print(seconds: number, results: Record<string, Result>): void {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  console.log(`1920×1080 at 30 fps, ${String(seconds)} s without and with load:`);
  console.log(
    table([
      ['', 'frames', 'lost se/so/en/wr', 'processors busy', 'stolen'],
      ...Object.entries(results).map(([name, { frames, losses, busy, stolen }]) => [
        name,
        String(frames),
        losses === null
          ? '?'
          : [losses.sensor, losses.source, losses.encoder, losses.writer].join('/'),
        percent(busy),
        percent(stolen),
      ]),
    ]),
  );
}
