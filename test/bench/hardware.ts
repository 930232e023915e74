import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onAPi } from '../support/fakepi.js';
import { table } from './stats.js';

const program = fileURLToPath(new URL('../../bench-native/test/bench/v4l2_bench', import.meta.url));
const seeds = 20;
const framesPerSeed = 5000;
/** Every fault that leaves the device alive, at random. */
const faults = {
  SKIP: '2%',
  HEADER_ONLY: '1%',
  ERROR: '1%',
  SPLIT: '1%',
  LOSE_KEY: '10%',
  STALL: '0.02%',
};

interface Cost {
  packets: number;
  lost: number;
  submitPercent: number;
  encoderThreadPercent: number;
  bytesCopied: number;
}

interface Soak {
  submitted: number;
  packets: number;
  lost: number;
  framesOut: number;
  fdsLeft: number;
  residentGrewKb: number;
  failed: boolean;
}

/**
 * The Pi's encoder over its emulator: what our side of it costs at 1080p30, and 100 000 frames with
 * random faults from 20 seeds, each counted as a packet or as lost, with nothing left behind.
 */
export async function benchHardware(options: { seconds: number }): Promise<object> {
  const cost = await measure<Cost>(['cost', String(options.seconds)], {});
  console.log('The Pi’s encoder (emulated) at 1080p30, frames in contiguous memory:');
  console.log(
    table([
      ['', '% of a core'],
      ['camera callback', cost.submitPercent.toFixed(2)],
      ['encoder thread', cost.encoderThreadPercent.toFixed(2)],
    ]),
  );
  console.log(`bytes copied: ${String(cost.bytesCopied)}\n`);

  const soaks: Soak[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const environment = { SPEED: '50', SEED: String(seed), ...faults };
    soaks.push(await measure<Soak>(['soak', String(framesPerSeed)], environment));
  }
  const sum = (of: (soak: Soak) => number): number =>
    soaks.reduce((all, soak) => all + of(soak), 0);
  const total = {
    frames: sum((soak) => soak.submitted),
    packets: sum((soak) => soak.packets),
    lost: sum((soak) => soak.lost),
    failed: sum((soak) => Number(soak.failed)),
    framesOut: sum((soak) => soak.framesOut),
    fdsLeft: sum((soak) => soak.fdsLeft),
    mostGrownKb: Math.max(...soaks.map((soak) => soak.residentGrewKb)),
  };
  console.log(`Random faults from ${String(seeds)} seeds:`);
  console.log(
    table([
      ['frames', 'packets', 'counted lost', 'gave up', 'frames held', 'fds left', 'most grown kB'],
      Object.values(total).map(String),
    ]),
  );
  return { cost, faults, total, soaks };
}

async function measure<T>(args: string[], environment: Record<string, string>): Promise<T> {
  const env = { ...process.env, ...onAPi(environment) };
  const { stdout } = await promisify(execFile)(program, args, { env });
  return JSON.parse(stdout) as T;
}
