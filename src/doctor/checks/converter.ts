import { ok, warn, type Check } from '../check.js';

/** What converts recordings and makes small pictures of them; nothing is recorded with it. */
export const converter: Check = {
  id: 'converter',
  title: 'ffmpeg',
  run: async ({ findFfmpeg }) => {
    const found = await findFfmpeg();
    const remedy = 'sudo apt install ffmpeg';
    if (found === null) return warn('none: recordings cannot be converted', remedy);
    const { version, origin, program, encodes } = found;
    if (encodes) return ok(`${version} (${origin === 'system' ? 'the system’s' : program})`);
    return warn(`${program} lacks libx264: recordings can only be joined`, remedy);
  },
};
