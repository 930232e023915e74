import type { NativeClock } from '../native.js';
import { runCommand } from './run-command.js';
import type { ClockState } from './wall-clock.js';

/** A clock elsewhere, read a moment ago. */
export interface ToldTime {
  /** UTC in µs when it was sent. */
  wallUs: number;
  /** How long a message takes there and back; it was sent half of this ago, give or take that half. */
  roundTripMs: number;
}

export type SetClock = (
  told: ToldTime,
  receivedNs: number,
  readClocks: () => NativeClock,
) => Promise<ClockState>;

/**
 * Sets the wall clock by date(1), which needs CAP_SYS_TIME. Returns how good it is then: half the
 * round trip, and by how much it missed the instant while the command ran.
 */
export async function setClock(
  { wallUs, roundTripMs }: ToldTime,
  receivedNs: number,
  readClocks: () => NativeClock,
): Promise<ClockState> {
  const arrivedUs = wallUs + (roundTripMs / 2) * 1000;
  const wantedAt = (ns: number): number => arrivedUs + (ns - receivedNs) / 1000;
  const seconds = (wantedAt(readClocks().monotonicNs) / 1e6).toFixed(6);
  await runCommand('date', ['--utc', `--set=@${seconds}`]);
  const now = readClocks();
  const missedUs = Math.abs(now.wallUs - wantedAt(now.monotonicNs));
  const uncertaintyMs = Math.round(roundTripMs * 500 + missedUs) / 1000;
  return { source: 'browser', uncertaintyMs };
}
