import { ok, warn, type Check } from '../check.js';

/** The names of recordings have local time. */
export const timeZone: Check = {
  id: 'time-zone',
  title: 'Time zone',
  run: ({ timeZone }) => {
    if (!/^(Etc\/)?(UTC|UCT|GMT|Universal|Zulu)$/.test(timeZone)) return ok(timeZone);
    return warn(
      `${timeZone}, as systems come: the names of recordings have UTC`,
      'If that is not meant: sudo timedatectl set-timezone Europe/Berlin (or yours), then restart.',
    );
  },
};
