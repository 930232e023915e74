import { toProblem } from '../../errors.js';
import { fail, ok, warn, type Check } from '../check.js';
import { expectedBytesPerSecond } from '../data-rate.js';
import { trialBytes } from '../disk-probe.js';
import { isRecording } from '../machine.js';

/** A disk that is only just fast enough does not survive its own pauses. */
const comfort = 3;

export const diskSpeed: Check = {
  id: 'disk-speed',
  title: 'Disk speed',
  run: async (machine) => {
    if (isRecording(machine)) {
      return warn('Not tried, because a recording runs.', 'Ask again once it has ended.');
    }
    try {
      if ((await machine.freeBytes()) < 2 * trialBytes) {
        return warn('Not tried: too little is free.', 'Make room first.');
      }
      const speed = await machine.writeBytesPerSecond();
      const needed = expectedBytesPerSecond(machine.config);
      const detail = `${mega(speed)} MB/s written and synced, about ${mega(needed)} needed`;
      const remedy =
        'Use a faster card (A1 or A2) or a USB 3 disk, or a lower bitrate, size or rate.';
      if (speed < needed) return fail(detail, remedy);
      return speed < comfort * needed ? warn(detail, remedy) : ok(detail);
    } catch (error) {
      const { detail } = toProblem(error);
      return fail(detail, 'Check the disk and who owns the folder, or use another one (--data).');
    }
  },
};

const mega = (bytes: number): string => (bytes / 1e6).toFixed(1);
