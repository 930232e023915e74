import { ok, warn, type Check } from '../check.js';

/** Frames have their own clock; this one tells when a recording was. */
export const clock: Check = {
  id: 'clock',
  title: 'Clock',
  run: async (machine) => {
    const { source } = await machine.clock();
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    switch (source) {
      case 'ntp':
        return ok(`${now}, kept by network time`);
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
