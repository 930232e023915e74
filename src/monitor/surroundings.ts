import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { readHealth, type Health } from '../system/health.js';
import { boardSerial } from '../system/identity.js';
import { setClock, type SetClock } from '../system/set-clock.js';

/** The machine a monitor runs on, as far as the addon does not speak for it. */
export interface Surroundings {
  /** Its name, without the domain. */
  host: string;
  /** Of the board; null where nothing tells boards apart. */
  boardSerial: () => Promise<string | null>;
  readHealth: () => Promise<Health>;
  setClock: SetClock;
  /** Of the disk that a folder is on, bytes. */
  roomOn: (folder: string) => Promise<{ freeBytes: number; totalBytes: number }>;
}

export const thisMachine: Surroundings = {
  host: hostname().split('.')[0] ?? '',
  boardSerial,
  readHealth,
  setClock,
  roomOn: async (folder) => {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
};
