import { randomUUID } from 'node:crypto';
import { readdir, readFile, realpath } from 'node:fs/promises';
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
  const path = pathIn(dataFolder);
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

/** The id, where it has been made; nothing is made or said. */
export async function knownId(dataFolder: string): Promise<string | null> {
  return (await readIdentity(pathIn(dataFolder)))?.id ?? null;
}

function pathIn(dataFolder: string): string {
  return join(dataFolder, 'identity.json');
}

async function readIdentity(path: string): Promise<Identity | null> {
  const content = await readJson(path).catch(() => null);
  if (!isJsonObject(content)) return null;
  const { id, serial } = content;
  if (typeof id !== 'string' || id === '') return null;
  return { id, serial: typeof serial === 'string' ? serial : null };
}

/**
 * The board's serial number (device tree), else the address burnt into a network card that is part
 * of the machine, else null.
 */
export async function boardSerial(root = '/'): Promise<string | null> {
  const text = await textOf(join(root, 'proc/device-tree/serial-number'));
  const serial = text.replace(/\0/g, '').trim();
  return serial === '' ? cardAddress(join(root, 'sys/class/net')) : serial;
}

/** Not of a bridge, a container's card or one with an address made up; what is plugged in comes last. */
async function cardAddress(folder: string): Promise<string | null> {
  const found: { address: string; plugged: boolean }[] = [];
  for (const card of (await readdir(folder).catch(() => [])).sort()) {
    const device = await realpath(join(folder, card, 'device')).catch(() => null);
    const made = await textOf(join(folder, card, 'addr_assign_type'));
    const address = (await textOf(join(folder, card, 'address'))).trim();
    if (device === null || made.trim() !== '0' || address === '') continue;
    found.push({ address, plugged: device.includes('/usb') });
  }
  return (found.find(({ plugged }) => !plugged) ?? found[0])?.address ?? null;
}

/** Empty where there is none. */
function textOf(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}
