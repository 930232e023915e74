import { readFileSync } from 'node:fs';

/** The version of pi-monitor itself. Compiled, this file is build/src/system/version.js. */
export const piMonitorVersion = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  }
).version;
