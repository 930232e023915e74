import { fail, ok, warn, type Check, type Finding } from '../check.js';
import { isRaspberryPi, type Machine } from '../machine.js';

/** What the Pi's encoder does: one block, level 4.0, shared by all who use it. */
const limits = 'up to 1920×1088 and 245 760 macroblocks a second (1080p30)';
/** Where bcm2835-codec puts the encoder. */
const usualNode = '/dev/video11';

export const encoder: Check = {
  id: 'encoder',
  title: 'Hardware encoder',
  run: async (machine) => {
    if (typeof machine.native === 'string') return null;
    const node = machine.native.findEncoder();
    if (node === null) return absent(machine);
    return ok(`${node.card} (driver ${node.driver}) at ${node.path}, ${limits}`);
  },
};

async function absent(machine: Machine): Promise<Finding> {
  const { kind } = machine.config.encoder;
  const wanted = kind === 'v4l2';
  if ((await machine.tryToOpen(usualNode)) === 'denied') {
    const remedy = `Put the user into the group video: sudo usermod -aG video ${machine.user.name}, then log in anew.`;
    return (wanted ? fail : warn)(`${usualNode} may not be opened.`, remedy);
  }
  const none = 'There is none';
  if (wanted) {
    return fail(`${none}, and the configuration asks for it.`, 'Set the encoder to auto.');
  }
  if (shouldHaveOne(machine) && kind === 'auto') {
    return warn(
      `${none}, though this board has one; the software encoder is used.`,
      'Load its driver: sudo modprobe bcm2835-codec.',
    );
  }
  return ok(`${none.toLowerCase()} on this machine; the software encoder is used`);
}

/** All Pis up to the 4; the 5 has none. */
function shouldHaveOne(machine: Machine): boolean {
  return isRaspberryPi(machine) && /Zero|Pi [34]|Compute Module [34]/.test(machine.model ?? '');
}
