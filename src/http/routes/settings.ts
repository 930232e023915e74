import { Type } from '@sinclair/typebox';
import { ConfigSchema } from '../../config/schema.js';
import { maskedConfig, type ConfigPatch } from '../../config/config.js';
import type { Monitor } from '../../monitor/monitor.js';
import type { ControlValue } from '../../native.js';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';

/** The fields of a patch are checked where it is merged; here it need only be an object. */
const ConfigBody = Type.Unsafe<ConfigPatch>({ type: 'object' });

/** Which controls there are, and their ranges, the camera knows; here only what a value can be. */
export const ControlsBody = Type.Unsafe<Record<string, ControlValue>>({
  type: 'object',
  maxProperties: 200,
  additionalProperties: {
    anyOf: [
      { type: ['boolean', 'number', 'string'], maxLength: 200 },
      { type: 'array', items: { type: 'number' }, maxItems: 64 },
    ],
  },
});

/** The configuration, the camera's controls, and which cameras there are. */
export function settingsRoutes(monitor: Monitor): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/config',
      handle: () => json(maskedConfig(monitor.settings)),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/config',
      body: ConfigBody,
      handle: async ({ body }) => json(maskedConfig(await monitor.patchConfig(body))),
    }),
    route({
      method: 'GET',
      path: '/api/v1/config/schema',
      handle: () => json(ConfigSchema),
    }),
    route({
      method: 'GET',
      path: '/api/v1/controls',
      handle: () => json({ items: monitor.controls() }),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/controls',
      body: ControlsBody,
      handle: ({ body }) => json({ items: monitor.setControls(body) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/cameras',
      handle: async () => json(await monitor.cameras()),
    }),
  ];
}
