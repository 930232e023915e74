import { readFileSync } from 'node:fs';

/** Of all processors' time since an earlier reading, the share that was busy, and that others took. */
export interface MachineShares {
  busy: number;
  /** Taken by the host of this virtual machine: nothing here can do anything about it. */
  stolen: number;
}

/** Starts to measure; the function returned says what has passed since. */
export function watchMachine(): () => MachineShares {
  const before = read();
  return () => {
    const after = read();
    const passed = after.total - before.total;
    return {
      busy: (after.busy - before.busy) / passed,
      stolen: (after.stolen - before.stolen) / passed,
    };
  };
}

/** The first line of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal. */
function read(): { total: number; busy: number; stolen: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = times.reduce((sum, time) => sum + time, 0);
  const [, , , idle = 0, iowait = 0, , , stolen = 0] = times;
  return { total, busy: total - idle - iowait - stolen, stolen };
}
