import { isIP } from 'node:net';
import { parseMonitorAddresses } from '../controller/monitor-address.js';
import { parseNetwork } from '../http/addresses.js';
import { durationRemedy, parseDuration } from './duration.js';
import { instantRemedy, parseInstant } from './instant.js';

interface Format {
  accepts: (text: string) => boolean;
  /** Ends a sentence or stands as one: what to write instead. */
  remedy: string;
}

/** The formats the schemas name beyond JSON Schema's own. */
export const formats: Record<string, Format> = {
  duration: {
    accepts: (text) => parseDuration(text) !== null,
    remedy: durationRemedy,
  },
  'finite-duration': {
    accepts: (text) => Number.isFinite(parseDuration(text) ?? NaN),
    remedy: 'Write 90s, 15m or 2h.',
  },
  'web-address': {
    accepts: (text) => /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : ''),
    remedy: 'Write an address such as https://lab.example.org/hook.',
  },
  'time-of-day': {
    accepts: (text) => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text),
    remedy: 'Write a time of day such as 07:00.',
  },
  'time-zone': {
    accepts: isTimeZone,
    remedy: 'Write the name of a time zone such as Europe/Berlin.',
  },
  instant: {
    accepts: (text) => parseInstant(text) !== null,
    remedy: instantRemedy,
  },
  network: {
    accepts: (text) => parseNetwork(text) !== null,
    remedy: 'Write an address or a network such as 192.0.2.0/24.',
  },
  'host-name': {
    accepts: (text) => /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text),
    remedy: 'Write a host name without a port, such as camera.example.org.',
  },
  'monitor-address': {
    accepts: (text) => parseMonitorAddresses(text) !== null,
    remedy: 'Write cage3.local, 192.168.2.3:8000 or a range such as 192.168.2.1-40.',
  },
  'broker-address': {
    accepts: (text) =>
      text === '' || (/^mqtts?:\/\/[^/@\s?#]+\/?$/.test(text) && URL.canParse(text)),
    remedy:
      'Write mqtt://broker.lab or mqtts://broker.lab:8883; user and password have fields of their own.',
  },
  'topic-prefix': {
    accepts: (text) => /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/.test(text) && text.length <= 100,
    remedy: 'Write letters, digits, - and _, with / between levels, such as lab/cameras.',
  },
  'listen-address': {
    accepts: (text) => text === 'all' || text === 'localhost' || isIP(text) !== 0,
    remedy: 'Write all, localhost or an address of this machine.',
  },
};

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
