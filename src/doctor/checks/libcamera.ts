import { ok, warn, type Check } from '../check.js';

export const libcamera: Check = {
  id: 'libcamera',
  title: 'libcamera',
  run: ({ native }) => {
    if (typeof native === 'string') return null;
    const { available, version, reason } = native.libcamera;
    if (available) return ok(`version ${version ?? 'unknown'}`);
    return warn(
      `The addon was built without it: ${reason ?? 'unknown why.'}`,
      'Install libcamera-dev 0.3.2 or newer (Debian 12: from bookworm-backports), then run "npm start".',
    );
  },
};
