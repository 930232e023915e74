import type { FaultKind } from './faults.js';
import type { LinkState } from './link.js';
import type { SimulatedMonitor } from './simulated-monitor.js';

/** Begins a fault at a monitor; what it resolves with ends it. `first`: the first of the fleet. */
type Effect = (
  monitor: SimulatedMonitor,
  first: SimulatedMonitor,
) => Promise<() => Promise<void> | void>;

const dropEveryMs = 1000;
const jumpUs = 365 * 86_400e6;
const longStallMs = 3_600_000;

export const effects: Record<FaultKind, Effect> = {
  drops: ({ machine }) => {
    const timer = setInterval(() => {
      machine.session?.inject({ kind: 'drop-at-sensor', count: 1 });
    }, dropEveryMs);
    return Promise.resolve(() => clearInterval(timer));
  },
  stall: ({ machine }) => {
    // Its own supervision ends it, by starting the camera again.
    machine.session?.inject({ kind: 'stall', milliseconds: longStallMs });
    return Promise.resolve(() => undefined);
  },
  'clock-jump': ({ machine }) => {
    machine.jumpClock(jumpUs);
    return Promise.resolve(() => machine.jumpClock(0));
  },
  'full-disk': ({ machine }) => {
    machine.diskFull = true;
    return Promise.resolve(() => {
      machine.diskFull = false;
    });
  },
  'dead-link': linkThatIs('dead'),
  slow: linkThatIs('slow'),
  reboot: async (monitor) => {
    await monitor.off();
    return () => monitor.on();
  },
  'same-id': async (monitor, first) => {
    await monitor.becomeCopyOf(first);
    return () => monitor.becomeItselfAgain();
  },
};

function linkThatIs(state: LinkState): Effect {
  return async ({ link }) => {
    await link.set(state);
    return () => link.set('up');
  };
}
