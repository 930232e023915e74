import { Type } from '@sinclair/typebox';
import { ConfigSchema } from '../../config/schema.js';
import { maskedConfig, type ConfigPatch } from '../../config/config.js';
import type { Monitor } from '../../monitor/monitor.js';
import type { ControlValue } from '../../native.js';
import { answersJson } from '../answer.js';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';
import { CamerasSchema, ConfigAnswer, ControlsSchema, SchemaAnswer } from '../schemas/settings.js';

/** The fields of a patch are checked where it is merged; here it need only be an object. */
const ConfigBody = Type.Unsafe<ConfigPatch>({
  type: 'object',
  description: 'A merge patch (RFC 7396) of what GET answers; null brings a default back.',
});

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
      summary: 'The configuration',
      description: 'Texts that only the file sets are masked as `…`.',
      answer: answersJson(ConfigAnswer, 'The configuration.'),
      handle: () => json(maskedConfig(monitor.settings)),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/config',
      summary: 'Change settings',
      answer: answersJson(ConfigAnswer, 'The configuration as it is now.'),
      body: ConfigBody,
      handle: async ({ body }) => json(maskedConfig(await monitor.patchConfig(body))),
    }),
    route({
      method: 'GET',
      path: '/api/v1/config/schema',
      summary: 'What can be configured: ranges, units, defaults, what applies live',
      answer: answersJson(SchemaAnswer, 'A JSON Schema.'),
      handle: () => json(ConfigSchema),
    }),
    route({
      method: 'GET',
      path: '/api/v1/controls',
      summary: 'What the camera lets one control, with ranges',
      answer: answersJson(ControlsSchema, 'The controls.'),
      handle: () => json({ items: monitor.controls() }),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/controls',
      summary: 'Set controls of the camera, all or none',
      description: 'They hold until the camera starts anew with another one.',
      answer: answersJson(ControlsSchema, 'The controls as they are now.'),
      body: ControlsBody,
      handle: ({ body }) => json({ items: monitor.setControls(body) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/cameras',
      summary: 'The cameras that could be opened, and which libcamera there is',
      answer: answersJson(CamerasSchema, 'The cameras.'),
      handle: async () => json(await monitor.cameras()),
    }),
  ];
}
