import { Type } from '@sinclair/typebox';
import type { Controller } from '../../../controller/controller.js';
import { answersJson } from '../../answer.js';
import { json } from '../../reply.js';
import { route, type Route } from '../../route.js';
import { listOf } from '../../schemas/common.js';

const SightingSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  address: Type.String({ description: 'For POST /monitors.' }),
  known: Type.Boolean({ description: 'It is part of the fleet.' }),
});

/** Monitors that announce themselves; none is added unasked. */
export function discoveryRoutes({ discovery, broker, fleet }: Controller): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/discovery',
      summary: 'Look for monitors, by mDNS on this network and on the MQTT broker',
      answer: answersJson(listOf(SightingSchema), 'Found since the start; takes 1.5 s.'),
      handle: async () => {
        const sightings = [...(await discovery.look()), ...(broker?.sightings() ?? [])];
        return json({ items: sightings.map((one) => ({ ...one, known: fleet.isKnown(one.id) })) });
      },
    }),
  ];
}
