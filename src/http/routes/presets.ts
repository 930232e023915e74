import { Type } from '@sinclair/typebox';
import type { ConfigPatch } from '../../config/config.js';
import type { Presets } from '../../monitor/presets.js';
import { json, noContent } from '../reply.js';
import { route, type Route } from '../route.js';
import { ControlsBody } from './settings.js';

const PresetBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\p{Cc}/]+$' }),
    config: Type.Optional(Type.Unsafe<ConfigPatch>({ type: 'object' })),
    controls: Type.Optional(ControlsBody),
  },
  { additionalProperties: false },
);

/** Settings under a name. */
export function presetRoutes(presets: Presets): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/presets',
      handle: async () => json({ items: await presets.list() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/presets',
      body: PresetBody,
      handle: async ({ body: { name, config, controls } }) => {
        const content = { ...(config && { config }), ...(controls && { controls }) };
        return json(await presets.save(name, content), 201);
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/presets/:name/apply',
      handle: async ({ params: { name = '' } }) => json(await presets.apply(name)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/presets/:name',
      handle: async ({ params: { name = '' } }) => {
        await presets.remove(name);
        return noContent();
      },
    }),
  ];
}
