import { piMonitorVersion } from '../../system/version.js';
import { ok, warn, type Check } from '../check.js';

/** As in package.json's engines: what uWebSockets.js is built for. */
const nodeMajors = [20, 22];

export const versions: Check = {
  id: 'versions',
  title: 'Versions',
  run: ({ nodeVersion, kernel, model }) => {
    const detail = [
      `pi-monitor ${piMonitorVersion}`,
      `Node ${nodeVersion}`,
      `Linux ${kernel}`,
      ...(model === null ? [] : [model]),
    ].join(', ');
    if (nodeMajors.includes(parseInt(nodeVersion, 10))) return ok(detail);
    return warn(detail, `Use Node ${nodeMajors.join(' or ')}: others are not tested.`);
  },
};
