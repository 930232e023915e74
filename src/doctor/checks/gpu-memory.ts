import { ok, warn, type Check } from '../check.js';
import { isRaspberryPi } from '../machine.js';

/** The firmware's default on boards of 512 MB; with less the encoder may refuse to start. */
const leastMegabytes = 64;

/** What the firmware has for its own work, the hardware encoder's included. */
export const gpuMemory: Check = {
  id: 'gpu-mem',
  title: 'GPU memory',
  run: async (machine) => {
    const said = await machine.output('vcgencmd', ['get_mem', 'gpu']);
    const match = /^gpu=(\d+)M/.exec(said ?? '');
    if (match === null) {
      return ok(`unknown: ${isRaspberryPi(machine) ? 'vcgencmd does not say' : 'no Raspberry Pi'}`);
    }
    const megabytes = Number(match[1]);
    const { native } = machine;
    const matters = typeof native !== 'string' && native.findEncoder() !== null;
    if (!matters || megabytes >= leastMegabytes) return ok(`${megabytes} MB`);
    return warn(
      `${megabytes} MB: the hardware encoder may refuse to start`,
      `Set gpu_mem=${leastMegabytes} or more in /boot/firmware/config.txt, and restart.`,
    );
  },
};
