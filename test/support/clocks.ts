import { loadAddon, type NativeClock } from '../../src/native.js';

/** This machine's clocks as if no time server kept them, `stepUs` from where they are. */
export function unsynchronised(stepUs = 0): NativeClock {
  const clock = loadAddon().clockState();
  return { ...clock, wallUs: clock.wallUs + stepUs, synchronised: false };
}
