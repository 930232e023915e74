import { Problem } from '../errors.js';

const wrongPassword =
  'refuses the user or the password: compare mqtt.username and mqtt.passwordFile with its own';

/** MQTT 5.0, section 2.4: what a broker says of who may not come in. */
const refusals = new Map<unknown, string>([
  [0x84, 'does not speak MQTT 5: take Mosquitto 1.6 or newer, or its like'],
  [0x85, 'refuses this client id'],
  [0x86, wrongPassword],
  [0x87, wrongPassword], // Mosquitto 2.0
  [0x8a, 'has banned this machine'],
  [0x9f, 'finds that we come too often'],
]);

const words: Record<string, string> = {
  ECONNREFUSED: 'does not answer: nothing listens there',
  ENOTFOUND: 'cannot be found: its name is not known',
  EAI_AGAIN: 'cannot be found: its name is not known',
  EHOSTUNREACH: 'cannot be reached: there is no way to it',
  ENETUNREACH: 'cannot be reached: there is no way to it',
  ECONNRESET: 'breaks the connection off',
  EPROTO: 'does not speak TLS at this port',
};

/** Whether the broker is there, and does not let us in: asking again at once is of no use. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Problem || refusals.has(codeOf(error));
}

export function cannotSubscribe(url: string): Problem {
  const detail = `The MQTT broker ${url} does not let mqtt.username read its topics: see its access list.`;
  return new Problem('unauthorised', detail, 'mqtt.username');
}

/** Why there is no connection, as a sentence with what to do. */
export function brokerProblem(error: unknown, url: string): Problem {
  if (error instanceof Problem) return error;
  const broker = `The MQTT broker ${url}`;
  const code = codeOf(error);
  const refusal = refusals.get(code);
  if (refusal !== undefined) {
    return new Problem('unauthorised', `${broker} ${refusal}.`, 'mqtt', { cause: error });
  }
  const why = error instanceof Error ? error.message : String(error);
  if (/certificate|self.signed|altnames|unable to verify/i.test(why)) {
    const remedy = 'See mqtt.caFile, and whether the certificate has the name in mqtt.url.';
    const detail = `${broker} shows a certificate that is not trusted (${why}). ${remedy}`;
    return new Problem('unauthorised', detail, 'mqtt.caFile', { cause: error });
  }
  if (why === 'connack timeout') {
    return new Problem('unreachable', `${broker} does not answer in time.`, 'mqtt.url', {
      cause: error,
    });
  }
  const said = words[String(code)] ?? `is not connected: ${why}`;
  return new Problem('unreachable', `${broker} ${said}.`, 'mqtt.url', { cause: error });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { code?: unknown }).code : undefined;
}
