/**
 * npm run bench [-- NAME …] [--seconds N] [--minutes N] [--monitors N]: measures, prints tables, and writes
 * build/bench/NAME.json. Without a name those run that need neither root nor long; soak and growth take the
 * minutes (60 and 30), fleet the number of monitors.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchBadNetwork } from './bad-network.js';
import { benchCycles } from './cycles.js';
import { benchFleet } from './fleet.js';
import { benchFleetStart } from './fleet-start.js';
import { benchGrowth } from './growth.js';
import { benchHardware } from './hardware.js';
import { benchPriority } from './priority.js';
import { benchSlowViewer } from './slow.js';
import { benchSoak } from './soak.js';
import { benchTransfer } from './transfer.js';
import { benchViewers } from './viewer-load.js';

/** Prints its tables and returns what it found, for the JSON file. */
type Bench = (options: { seconds: number; minutes?: number; monitors: number }) => Promise<object>;

const benches: Record<string, Bench> = {
  viewers: benchViewers,
  slow: benchSlowViewer,
  'bad-network': benchBadNetwork,
  cycles: benchCycles,
  hardware: benchHardware,
  priority: benchPriority,
  fleet: benchFleet,
  'fleet-start': benchFleetStart,
  transfer: benchTransfer,
  soak: benchSoak,
  growth: benchGrowth,
};

/** These run when they are asked for. Namespaces (bad-network, fleet-start, transfer) are root's. */
const asked = ['bad-network', 'fleet', 'fleet-start', 'transfer', 'soak', 'growth'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '20' },
    minutes: { type: 'string' },
    monitors: { type: 'string', default: '200' },
  },
});
const unknown = positionals.find((name) => !(name in benches));
if (unknown !== undefined) {
  console.error(`There is no bench ${unknown}: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
await mkdir('build/bench', { recursive: true });
for (const [name, bench] of Object.entries(benches)) {
  if (positionals.length === 0 ? asked.includes(name) : !positionals.includes(name)) continue;
  const found = await bench({
    seconds: Number(values.seconds),
    ...(values.minutes !== undefined && { minutes: Number(values.minutes) }),
    monitors: Number(values.monitors),
  });
  const path = `build/bench/${name}.json`;
  await writeFile(path, `${JSON.stringify({ at: new Date().toISOString(), ...found }, null, 2)}\n`);
  console.log(`→ ${path}\n`);
}
