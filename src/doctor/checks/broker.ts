import { ok, warn, type Check } from '../check.js';

const limitMs = 4000;

/** What to do, by the field that the problem is with. */
const remedies: Record<string, string> = {
  'mqtt.url':
    'See whether the broker runs, whether mqtt.url has its name and port (mqtt:// and 1883, or, where it ' +
    'speaks TLS, mqtts:// and 8883), and whether a firewall is between.',
  mqtt: 'Compare mqtt.username and the first line of mqtt.passwordFile with the users of the broker.',
  'mqtt.username':
    'Let this user read and write the topics of this monitor: see src/mqtt/README.md.',
  'mqtt.caFile':
    "Set mqtt.caFile to the authority that signed the broker's certificate, and mqtt.url to a name in it.",
};

/** Recordings need no broker: what is wrong with it stops none. */
export const broker: Check = {
  id: 'broker',
  title: 'MQTT broker',
  limitMs: () => limitMs + 2000, // goodbyes take their time
  run: async ({ config: { mqtt }, tryBroker }) => {
    if (mqtt.url === '') return ok('none is configured');
    const problem = await tryBroker(limitMs);
    if (problem === null) {
      const user = mqtt.username === '' ? 'without a user' : `as ${mqtt.username}`;
      return ok(`${mqtt.url} lets this machine in, ${user}`);
    }
    const remedy = remedies[problem.field ?? ''];
    return warn(problem.detail, remedy ?? 'Name a file that this user may read.');
  },
};
