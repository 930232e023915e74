import { ok, warn, type Check } from '../check.js';
import { isRaspberryPi } from '../machine.js';

/** Who is in them may open cameras, the encoder and its memory. */
const wanted = ['video', 'render'];

export const groups: Check = {
  id: 'groups',
  title: 'User',
  run: (machine) => {
    const { name, isRoot, groups } = machine.user;
    if (isRoot) return ok(`${name}, who may open every device`);
    const missing = wanted.filter((group) => !groups.includes(group));
    if (missing.length === 0) return ok(`${name}, in the groups ${wanted.join(' and ')}`);
    const detail = `${name} is not in ${missing.join(' and ')}`;
    // On other machines whoever sits in front of them is let at the devices.
    if (!isRaspberryPi(machine)) return ok(`${detail}; that matters on a Raspberry Pi only`);
    return warn(
      `${detail}: cameras and encoder may be out of reach`,
      `sudo usermod -aG ${missing.join(',')} ${name}, then log in anew.`,
    );
  },
};
