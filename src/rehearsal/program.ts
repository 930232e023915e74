/**
 * A process of simulated monitors: `node program.js TASK`, with IPC to whoever has started it. It ends, and
 * removes what they kept, when that goes away.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createLog } from '../log.js';
import { loadAddon } from '../native.js';
import { Serial } from '../system/serial.js';
import { effects } from './effects.js';
import type { Order, Ready, Task } from './messages.js';
import { SimulatedMonitor } from './simulated-monitor.js';

/** Each opens a camera: all at once they would only wait for each other. */
const startedAtOnce = 8;

const { names, folder, fps } = JSON.parse(process.argv[2] ?? '') as Task;
const addon = loadAddon();
const log = createLog('silent');
const monitors = names.map((name, index) => {
  return new SimulatedMonitor(addon, { name, index, fps, folder: join(folder, name) }, log);
});
const [first] = monitors;
/** Ends the fault that a monitor has now. */
const endings = new Map<SimulatedMonitor, () => Promise<void> | void>();
const orders = new Map(monitors.map((one) => [one, new Serial()]));

// Ctrl-C reaches the whole group; the parent decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => void end());
process.on('message', (order: Order) => void obey(order));

const waiting = [...monitors];
const starters = Array.from({ length: startedAtOnce }, async () => {
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    await mkdir(one.options.folder, { recursive: true });
    await one.start();
  }
});
await Promise.all(starters);
const ready: Ready = { addresses: monitors.map(({ link }) => link.address) };
process.send?.(ready);

async function obey(order: Order): Promise<void> {
  const { monitor: name } = 'begin' in order ? order.begin : order.end;
  const monitor = monitors.find(({ options }) => options.name === name);
  if (monitor === undefined || first === undefined) return;
  await orders.get(monitor)?.run(async () => {
    const ending = endings.get(monitor);
    endings.delete(monitor);
    await ending?.();
    if ('begin' in order) {
      endings.set(monitor, await effects[order.begin.fault](monitor, first));
    }
  });
}

async function end(): Promise<void> {
  await Promise.allSettled(monitors.map((one) => one.stop()));
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
}
