/**
 * npm run bench [-- viewers|slow|cycles|hardware|priority|soak …] [--seconds N] [--minutes N]: measures,
 * prints tables, and writes build/bench/NAME.json. Without a name all but soak run, whose minutes can be
 * given.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchCycles } from './cycles.js';
import { benchHardware } from './hardware.js';
import { benchPriority } from './priority.js';
import { benchSlowViewer } from './slow.js';
import { benchSoak } from './soak.js';
import { benchViewers } from './viewer-load.js';

/** Prints its tables and returns what it found, for the JSON file. */
type Bench = (options: { seconds: number; minutes: number }) => Promise<object>;

const benches: Record<string, Bench> = {
  viewers: benchViewers,
  slow: benchSlowViewer,
  cycles: benchCycles,
  hardware: benchHardware,
  priority: benchPriority,
  soak: benchSoak,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '60' },
  },
});
const unknown = positionals.find((name) => !(name in benches));
if (unknown !== undefined) {
  console.error(`There is no bench ${unknown}: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
await mkdir('build/bench', { recursive: true });
for (const [name, bench] of Object.entries(benches)) {
  if (positionals.length === 0 ? name === 'soak' : !positionals.includes(name)) continue;
  const found = await bench({
    seconds: Number(values.seconds),
    minutes: Number(values.minutes),
  });
  const path = `build/bench/${name}.json`;
  await writeFile(path, `${JSON.stringify({ at: new Date().toISOString(), ...found }, null, 2)}\n`);
  console.log(`→ ${path}\n`);
}
