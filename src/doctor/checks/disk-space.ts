import { toProblem } from '../../errors.js';
import { fail, ok, warn, type Check } from '../check.js';
import { expectedBytesPerSecond } from '../data-rate.js';

/** Less than this is used up before one comes back from lunch. */
const shortHours = 2;
const megabyte = 1e6;

export const diskSpace: Check = {
  id: 'disk-space',
  title: 'Disk space',
  run: async (machine) => {
    const remedy = 'Copy recordings elsewhere and remove them here, or use a larger disk (--data).';
    try {
      const free = await machine.freeBytes();
      const hours = free / expectedBytesPerSecond(machine.config) / 3600;
      const detail = `${(free / 1e9).toFixed(1)} GB free, about ${hours.toFixed(hours < 10 ? 1 : 0)} hours`;
      if (free < megabyte * machine.config.disk.reserveMegabytes) return fail(detail, remedy);
      return hours < shortHours ? warn(detail, remedy) : ok(detail);
    } catch (error) {
      return fail(toProblem(error).detail, 'Check the disk and the folder (--data).');
    }
  },
};
