import { asProblem, call } from './api';
import type { Problem } from './api';

export type SystemAction = 'restart' | 'reboot' | 'shutdown';

/** Null once it is under way. A recording that runs ends first, with its file whole. */
export async function actOnSystem(action: SystemAction): Promise<Problem | null> {
  try {
    await call('POST', `/system/${action}`, { confirm: true });
    return null;
  } catch (error) {
    return asProblem(error);
  }
}

/** Switches the live view for everybody who watches; null once it is done. */
export async function setStreamingForAll(on: boolean): Promise<Problem | null> {
  try {
    await call('PATCH', '/streaming', { on });
    return null;
  } catch (error) {
    return asProblem(error);
  }
}

const trials = 5;

/** Sets the monitor's clock by this device's; how far it may be off then, in ms, or why it is not set. */
export async function setClock(): Promise<number | Problem> {
  try {
    let roundTripMs = Infinity;
    for (let i = 0; i < trials; i++) {
      const sent = performance.now();
      await call('GET', '/system/time');
      roundTripMs = Math.min(roundTripMs, performance.now() - sent);
    }
    // Date.now counts whole milliseconds.
    const body = { wallUs: Date.now() * 1000, roundTripMs: roundTripMs + 1 };
    const clock = await call<{ uncertaintyMs: number | null }>('POST', '/system/clock', body);
    return clock.uncertaintyMs ?? roundTripMs;
  } catch (error) {
    return asProblem(error);
  }
}
