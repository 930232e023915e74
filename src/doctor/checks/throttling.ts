import { parseThrottled, throttledPath } from '../../system/health.js';
import { fail, ok, warn, type Check } from '../check.js';
import type { Machine } from '../machine.js';

/** Whether the board has too little power or is too hot, now or since it was switched on. */
export const throttling: Check = {
  id: 'throttling',
  title: 'Power and heat',
  run: async (machine) => {
    const flags = await throttled(machine);
    if (flags === null) return ok('unknown: the firmware does not say');
    if (flags.length === 0) return ok('neither was ever short since power-up');
    const detail = flags.join(', ');
    const power = flags.some((flag) => flag.startsWith('undervoltage'));
    const remedy = power
      ? 'Use the official power supply and a short, thick cable: low voltage loses frames and ruins cards.'
      : 'Cool the board: a heat sink, a fan, or an open case.';
    return (flags.includes('undervoltage') ? fail : warn)(detail, remedy);
  },
};

async function throttled(machine: Machine): Promise<string[] | null> {
  const word =
    (await machine.readText(throttledPath)) ??
    (await machine.output('vcgencmd', ['get_throttled']));
  return word === null ? null : parseThrottled(word.replace(/^throttled=/, ''));
}
