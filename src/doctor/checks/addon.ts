import { fail, ok, type Check } from '../check.js';

export const addon: Check = {
  id: 'addon',
  title: 'Native addon',
  run: ({ native }) => {
    if (typeof native === 'string') {
      return fail(native, 'Run "npm start" in the project’s folder: it builds what is missing.');
    }
    const { libavcodec, libavformat } = native.versions;
    return ok(`loaded, with libavcodec ${libavcodec} and libavformat ${libavformat}`);
  },
};
