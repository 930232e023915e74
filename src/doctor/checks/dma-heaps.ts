import { fail, ok, warn, type Check } from '../check.js';
import type { Machine } from '../machine.js';

/** In the order in which frames are taken from them. */
const heaps = ['/dev/dma_heap/vidbuf_cached', '/dev/dma_heap/linux,cma'];

/** Memory that camera and encoder share without a copy. */
export const dmaHeaps: Check = {
  id: 'dma-heaps',
  title: 'DMA heaps',
  run: async (machine) => {
    const states = await Promise.all(
      heaps.map(async (path) => ({ path, state: await machine.tryToOpen(path) })),
    );
    const usable = states.filter(({ state }) => state === 'works').map(({ path }) => path);
    if (usable.length > 0) return ok(`${usable[0]} can be used`);
    if (!hasEncoder(machine)) return ok('not needed: there is no hardware encoder');
    const complain = machine.config.encoder.kind === 'v4l2' ? fail : warn;
    const denied = states.find(({ state }) => state === 'denied');
    if (denied !== undefined) {
      return complain(
        `${denied.path} may not be opened.`,
        `Put the user into the group video: sudo usermod -aG video ${machine.user.name}, then log in anew.`,
      );
    }
    return complain(
      'There is none, so the hardware encoder has no memory to read frames from.',
      'Use Raspberry Pi OS’s own kernel, with cma= not set to 0.',
    );
  },
};

function hasEncoder({ native }: Machine): boolean {
  return typeof native !== 'string' && native.findEncoder() !== null;
}
