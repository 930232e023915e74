import { access } from 'node:fs/promises';
import type { NativeClock } from '../native.js';

/**
 * Where this machine's wall clock has its time from. `browser`: from a device that showed the page;
 * `manual`: it was set by hand, or by a program that does not vouch for it; `unsynchronised`: it goes on from what it was at power-up.
 */
export type ClockSource = 'ntp' | 'browser' | 'manual' | 'unsynchronised' | 'unknown';

/** How far the wall clock may be off; null is unknown. */
export interface ClockState {
  source: ClockSource;
  uncertaintyMs: number | null;
}

export const unknownClock: ClockState = { source: 'unknown', uncertaintyMs: null };

/** systemd-timesyncd touches this once it has set the clock since power-up. */
const timesyncMark = '/run/systemd/timesync/synchronized';

/**
 * systemd-timesyncd tells the kernel an error of 0 with each correction (systemd,
 * timesyncd-manager.c: `tmx.maxerror = 0`), whatever the way to the server was like. Half a round
 * trip to a far server is the least that must be allowed for.
 */
const timesyncLeastUs = 50_000;

/** Whether it is systemd-timesyncd that keeps the clock. */
export async function keptByTimesync(): Promise<boolean> {
  return access(timesyncMark).then(
    () => true,
    () => false,
  );
}

/**
 * The source and the bound the kernel gives, as far as either can be believed. `setTo`: what is known
 * of the clock since it was set by somebody else than a time server.
 */
export function clockStateOf(
  { synchronised, maxErrorUs, spreadNs }: NativeClock,
  { byTimesync, setTo }: { byTimesync: boolean; setTo: ClockState | null },
): ClockState {
  if (setTo !== null && synchronised !== true) return setTo;
  if (synchronised === null) return unknownClock;
  if (!synchronised) return { source: 'unsynchronised', uncertaintyMs: null };
  const boundUs = (maxErrorUs ?? 0) + spreadNs / 2000;
  const leastUs = byTimesync ? timesyncLeastUs : 0;
  return { source: 'ntp', uncertaintyMs: Math.round(Math.max(boundUs, leastUs)) / 1000 };
}

/** UTC in microseconds since 1970, to the millisecond; it steps when the clock is set. */
export function wallUs(): number {
  return Date.now() * 1000;
}
