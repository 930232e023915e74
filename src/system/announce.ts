import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Bonjour } from 'bonjour-service';
import type { Logger } from '../log.js';

/** The DNS-SD type under which controllers and browsers of services find monitors. */
export const serviceType = 'pi-monitor';

export interface Announced {
  /** The DNS-SD type, without its underscore. */
  type: typeof serviceType | 'pi-monitor-controller';
  id: string;
  port: number;
  page: string;
}

export interface Announcement {
  /** Takes it back; done once the network has been told, or a second has passed. */
  stop: () => Promise<void>;
}

const avahiSocket = '/run/avahi-daemon/socket';
const againMs = 10_000;
const goodbyeMs = 1000;

/**
 * Tells the local network that a monitor or a controller is here (mDNS, DNS-SD), until it is
 * stopped: through Avahi where it runs, as two answer machines on one port are one too many, else
 * from this process, which then answers for HOSTNAME.local as well. Whatever fails is logged once
 * and tried again.
 */
export function announce(what: Announced, log: Logger): Announcement {
  const publisher = avahiPublish();
  return publisher === null ? announceHere(what, log) : announceByAvahi(publisher, what, log);
}

/** Cards get cloned, and two machines may have one name: the id tells them apart. */
function instanceName({ id }: Announced): string {
  return `${bareName()} ${id.slice(0, 4)}`;
}

function bareName(): string {
  return hostname().split('.')[0] ?? 'localhost';
}

function avahiPublish(): string | null {
  if (!existsSync(avahiSocket)) return null;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'avahi-publish')).find(existsSync) ?? null;
}

/** The announcement lives as long as avahi-publish does. */
function announceByAvahi(publisher: string, what: Announced, log: Logger): Announcement {
  const records = [`id=${what.id}`, `path=${what.page}`];
  const args = ['--service', instanceName(what), `_${what.type}._tcp`, String(what.port)];
  let child: ChildProcess | null = null;
  let again: NodeJS.Timeout | null = null;
  let stopped = false;
  let said = false;
  const publish = (): void => {
    child = spawn(publisher, [...args, ...records], { stdio: 'ignore' });
    child.on('error', retry);
    child.on('exit', retry);
  };
  const retry = (): void => {
    if (stopped || again !== null) return; // a start that fails may tell so twice
    if (!said) log.warn('Avahi does not announce this machine (any more); it is asked again.');
    said = true;
    again = setTimeout(() => {
      again = null;
      publish();
    }, againMs).unref();
  };
  publish();
  return {
    stop: () => {
      stopped = true;
      if (again !== null) clearTimeout(again);
      child?.kill(); // Avahi says goodbye for it
      return Promise.resolve();
    },
  };
}

/** Anew when this machine's addresses change: they are part of what is said. */
function announceHere(what: Announced, log: Logger): Announcement {
  let bonjour: Bonjour | null = null;
  let addresses = '';
  let said = false;
  const onError = (error: unknown): void => {
    if (!said) log.warn({ err: error }, 'This machine cannot be announced on the network now.');
    said = true;
    addresses = '';
  };
  const look = (): void => {
    const now = JSON.stringify(networkInterfaces());
    if (now === addresses) return;
    addresses = now;
    if (bonjour !== null) void quit(bonjour);
    try {
      bonjour = new Bonjour({}, onError);
      bonjour.publish({
        name: instanceName(what),
        type: what.type,
        port: what.port,
        host: `${bareName()}.local`,
        txt: { id: what.id, path: what.page },
        probe: false, // the name has the id in it
      });
    } catch (error) {
      onError(error);
    }
  };
  look();
  const looking = setInterval(look, againMs).unref();
  return {
    stop: async () => {
      clearInterval(looking);
      if (bonjour !== null) await Promise.race([quit(bonjour), delay(goodbyeMs)]);
    },
  };
}

function quit(bonjour: Bonjour): Promise<void> {
  return new Promise((done) => {
    bonjour.unpublishAll(() => {
      bonjour.destroy();
      done();
    });
  });
}
