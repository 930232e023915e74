import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Where this machine's wall clock has its time from, and how far it may be off; null is unknown. */
export interface ClockState {
  source: 'ntp' | 'unsynchronised' | 'unknown';
  uncertaintyMs: number | null;
}

export const unknownClock: ClockState = { source: 'unknown', uncertaintyMs: null };

/** systemd-timesyncd touches this once it has set the clock since power-up. */
const timesyncMark = '/run/systemd/timesync/synchronized';

const run = promisify(execFile);

/** Asks the kernel's synchronised flag through timedated (which chrony sets too). Starts a child. */
export async function readClockState(): Promise<ClockState> {
  try {
    const { stdout } = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
      timeout: 5000,
    });
    const synchronised = stdout.trim() === 'yes';
    return { source: synchronised ? 'ntp' : 'unsynchronised', uncertaintyMs: null };
  } catch {
    const marked = await access(timesyncMark).then(
      () => true,
      () => false,
    );
    return marked ? { source: 'ntp', uncertaintyMs: null } : unknownClock;
  }
}

/** UTC in microseconds since 1970, to the millisecond; it steps when the clock is set. */
export function wallUs(): number {
  return Date.now() * 1000;
}
