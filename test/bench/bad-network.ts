import { loadavg, tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { agesOf, FarViewer } from '../support/far-viewer.js';
import { LabNetwork, switchAddress } from '../support/lab-network.js';
import { ServerProcess } from './server-process.js';
import { percentile, table } from './stats.js';

const codecs = ['jpeg', 'h264'];
const stallMs = 2000;

/**
 * How old 720p is at its last byte over 1 Mb/s with 200 ms ± 50 ms on the way, for the asked seconds with a
 * stall of 2 s in the middle, while it is recorded. Namespaces are root's.
 */
export async function benchBadNetwork({ seconds }: { seconds: number }): Promise<object> {
  const network = new LabNetwork(codecs.length);
  const viewers: FarViewer[] = [];
  let server: ServerProcess | null = null;
  try {
    network.make();
    for (const i of codecs.keys()) network.limitTowards(i, 1);
    server = await ServerProcess.start(tmpdir(), ['--host', 'all']);
    await server.call('POST', '/recording', {});
    for (const [i, codec] of codecs.entries()) {
      const path = `/api/v1/preview?codec=${codec}&ack=1`;
      viewers.push(new FarViewer(network.machines[i] ?? '', switchAddress, server.port, path));
    }
    await delay(seconds * 500);
    for (const viewer of viewers) viewer.stall(stallMs);
    await delay(seconds * 500);
    const losses = await server.endRecording();
    const found = viewers.map((viewer, i) => ({ codec: codecs[i] ?? '', ...resultOf(viewer) }));
    print(seconds, found);
    const load = loadavg().map((one) => Number(one.toFixed(1)));
    console.log(`lost: ${JSON.stringify(losses)}; load ${load.join(' ')}`);
    return { seconds, found, losses, load };
  } finally {
    for (const viewer of viewers) viewer.close();
    await server?.stop();
    network.remove();
  }
}

interface Result {
  codec: string;
  frames: number;
  kilobytesPerSecond: number;
  /** Outside the stall. */
  ageMs: { p50: number; p99: number; most: number };
  /** Those on their way when it began among them. */
  overOneSecond: number;
}

function resultOf({ frames, undisturbed }: FarViewer): Omit<Result, 'codec'> {
  const ages = agesOf(undisturbed);
  const bytes = frames.reduce((sum, one) => sum + one.bytes, 0);
  const spanMs = (frames.at(-1)?.arrivedMs ?? NaN) - (frames[0]?.arrivedMs ?? NaN);
  return {
    frames: frames.length,
    kilobytesPerSecond: bytes / spanMs,
    ageMs: { p50: percentile(ages, 0.5), p99: percentile(ages, 0.99), most: Math.max(...ages) },
    overOneSecond: agesOf(frames).filter((ms) => ms > 1000).length,
  };
}

function print(seconds: number, found: readonly Result[]): void {
  console.log(`720p over 1 Mb/s, 200 ± 50 ms, ${seconds} s with a stall of ${stallMs / 1000} s:`);
  console.log(
    table([
      ['', 'frames', 'kB/s', 'age p50 ms', 'p99', 'most', 'over 1 s'],
      ...found.map(({ codec, frames, kilobytesPerSecond, ageMs, overOneSecond }) => [
        codec,
        String(frames),
        kilobytesPerSecond.toFixed(0),
        ageMs.p50.toFixed(0),
        ageMs.p99.toFixed(0),
        ageMs.most.toFixed(0),
        String(overOneSecond),
      ]),
    ]),
  );
}
