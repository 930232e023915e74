import { ok, warn, type Check } from '../check.js';

/** Frames have their own clock; this one tells when a recording was. */
export const clock: Check = {
  id: 'clock',
  title: 'Clock',
  run: async (machine) => {
    const { source, uncertaintyMs } = await machine.clock();
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    switch (source) {
      case 'ntp':
        return ok(`${now}, kept by network time${within(uncertaintyMs)}`);
      case 'browser':
      case 'manual':
        return warn(
          `${now}, set by hand`,
          'It drifts by seconds a day: connect a network with a time server where you can.',
        );
      case 'unsynchronised':
        return warn(
          `${now}, but no time server has set it`,
          'Connect it to a network with a time server, or set it: sudo timedatectl set-time.',
        );
      case 'unknown':
        return warn(
          `${now}; nothing here says whether it is right`,
          'Compare it with a watch, or install systemd-timesyncd or chrony.',
        );
    }
  },
};

function within(uncertaintyMs: number | null): string {
  return uncertaintyMs === null ? '' : `, to within ${uncertaintyMs.toFixed(0)} ms`;
}
