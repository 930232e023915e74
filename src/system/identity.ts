import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../log.js';
import { isJsonObject } from '../config/merge-patch.js';
import { readJson, writeJson } from './json-file.js';

/** Who this monitor is: a random id, and the board it was made on. */
export interface Identity {
  id: string;
  serial: string | null;
}

/**
 * Reads the identity from the data folder, or makes it. Memory cards get cloned: on another board
 * the id is made anew, or two monitors would answer to one. Where the folder cannot be written the
 * id lasts for this run only.
 */
export async function loadIdentity(
  dataFolder: string,
  serial: string | null,
  log: Logger,
): Promise<Identity> {
  const path = join(dataFolder, 'identity.json');
  const known = await readIdentity(path);
  if (known !== null && (serial === null || known.serial === null || known.serial === serial)) {
    return known;
  }
  if (known !== null) {
    log.warn(
      { was: known.serial, is: serial },
      'This is another board: the monitor gets a new id.',
    );
  }
  const identity = { id: randomUUID(), serial };
  try {
    await writeJson(path, identity);
  } catch (error) {
    log.warn({ err: error }, 'The identity cannot be saved; it lasts for this run only.');
  }
  return identity;
}

async function readIdentity(path: string): Promise<Identity | null> {
  const content = await readJson(path).catch(() => null);
  if (!isJsonObject(content)) return null;
  const { id, serial } = content;
  if (typeof id !== 'string' || id === '') return null;
  return { id, serial: typeof serial === 'string' ? serial : null };
}

/** The board's serial number (device tree), else the first network card's address, else null. */
export async function boardSerial(): Promise<string | null> {
  try {
    const text = await readFile('/proc/device-tree/serial-number', 'latin1');
    const serial = text.replace(/\0/g, '').trim();
    if (serial !== '') return serial;
  } catch {
    // Not a board with a device tree.
  }
  const cards = Object.entries(networkInterfaces()).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, addresses] of cards) {
    const mac = addresses?.find((one) => !one.internal)?.mac;
    if (mac !== undefined && mac !== '00:00:00:00:00:00') return mac;
  }
  return null;
}
