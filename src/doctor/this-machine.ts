import { execFile } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { release, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../config/schema.js';
import { expandHome } from '../config/store.js';
import { toProblem } from '../errors.js';
import { createLog } from '../log.js';
import { findFfmpeg } from '../media/ffmpeg.js';
import { tryBroker } from '../mqtt/try-broker.js';
import { loadAddon } from '../native.js';
import { knownId } from '../system/identity.js';
import {
  clockStateOf,
  keptByTimesync,
  unknownClock,
  type ClockState,
} from '../system/wall-clock.js';
import { freeBytes, writeBytesPerSecond } from './disk-probe.js';
import type { Machine, Native } from './machine.js';
import { probe } from './native-probe.js';
import { listenerOn, monitorAt, tryToListen } from './port-probe.js';

/** The machine this runs on. `configProblem`: why `config` is not what the file says. */
export async function thisMachine(config: Config, configProblem: string | null): Promise<Machine> {
  const { server, dataFolder, mqtt } = config;
  const recordingsFolder = join(expandHome(dataFolder), 'recordings');
  return {
    config,
    configProblem,
    recordingsFolder,
    model: ((await readText('/proc/device-tree/model')) ?? '').replace(/\0/g, '').trim() || null,
    kernel: release(),
    nodeVersion: process.versions.node,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    user: await user(),
    monitor: await monitorAt(server),
    native: native(config),
    readText,
    tryToOpen,
    output,
    findFfmpeg,
    clock,
    freeBytes: () => freeBytes(recordingsFolder),
    writeBytesPerSecond: () => writeBytesPerSecond(recordingsFolder),
    tryToListen: () => tryToListen(server),
    listener: () => listenerOn(server.port),
    tryBroker: async (limitMs) =>
      tryBroker(mqtt, await knownId(expandHome(dataFolder)), limitMs, createLog('silent')),
  };
}

async function clock(): Promise<ClockState> {
  try {
    const native = loadAddon().clockState();
    return clockStateOf(native, { byTimesync: await keptByTimesync(), setTo: null });
  } catch {
    return unknownClock; // the addon's own check says why
  }
}

function native(config: Config): Native | string {
  try {
    return probe(loadAddon(), config);
  } catch (error) {
    return toProblem(error).detail;
  }
}

function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

async function tryToOpen(path: string): ReturnType<Machine['tryToOpen']> {
  try {
    const file = await open(path, 'r+');
    await file.close();
    return 'works';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'absent';
  }
}

const run = promisify(execFile);

async function output(command: string, args: string[]): Promise<string | null> {
  return run(command, args, { timeout: 3000 }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

async function user(): Promise<Machine['user']> {
  const ids = new Set(process.getgroups?.() ?? []);
  const lines = ((await readText('/etc/group')) ?? '').split('\n').map((line) => line.split(':'));
  const groups = lines.filter(([, , id]) => ids.has(Number(id))).flatMap(([name]) => name ?? []);
  return { name: nameOf(process.getuid?.()), isRoot: process.getuid?.() === 0, groups };
}

/** Services may run as a number that has no name. */
function nameOf(id: number | undefined): string {
  try {
    return userInfo().username;
  } catch {
    return String(id);
  }
}
