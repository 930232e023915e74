import { randomUUID } from 'node:crypto';
import type { BrokerSettings } from '../config/mqtt.js';
import { Problem } from '../errors.js';
import type { Logger } from '../log.js';
import { BrokerConnection } from './connection.js';
import { Topics } from './topics.js';

/**
 * Connects as a monitor does, and leaves again; who is connected by now is not disturbed. Null: it is let
 * in, and may read its commands where `id`, of this monitor, is known. Else why not.
 */
export async function tryBroker(
  settings: BrokerSettings,
  id: string | null,
  limitMs: number,
  log: Logger,
): Promise<Problem | null> {
  const topics = new Topics(settings.topicPrefix);
  let timer: NodeJS.Timeout | undefined;
  let connection: BrokerConnection | null = null;
  try {
    return await new Promise<Problem | null>((resolve) => {
      const detail = `The MQTT broker ${settings.url} does not answer within ${limitMs / 1000} s.`;
      const silent = new Problem('unreachable', detail, 'mqtt.url');
      timer = setTimeout(() => resolve(silent), limitMs);
      connection = new BrokerConnection({
        settings,
        clientId: `pi-monitor-doctor-${randomUUID()}`,
        subscribe: id === null ? [] : [topics.of(id, 'commands')],
        onUp: () => resolve(null),
        onDown: () => undefined,
        onFailure: resolve,
        onMessage: () => undefined,
        log,
      });
      connection.start();
    });
  } finally {
    clearTimeout(timer);
    await (connection as BrokerConnection | null)?.stop();
  }
}
