import { Type } from '@sinclair/typebox';
import type { ConfigPatch } from '../../config/config.js';
import type { Presets } from '../../monitor/presets.js';
import { answersJson, answersNothing } from '../answer.js';
import { json, noContent } from '../reply.js';
import { route, type Route } from '../route.js';
import { listOf, wallUs } from '../schemas/common.js';
import { ControlsBody } from './settings.js';

const PresetBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\p{Cc}/]+$' }),
    config: Type.Optional(Type.Unsafe<ConfigPatch>({ type: 'object' })),
    controls: Type.Optional(ControlsBody),
  },
  { additionalProperties: false },
);

const PresetSchema = Type.Object(
  {
    name: Type.String(),
    savedWallUs: wallUs,
    config: Type.Object({}, { description: 'A merge patch of the configuration.' }),
    controls: Type.Object({}),
  },
  { $id: 'Preset' },
);

const AppliedSchema = Type.Object({
  name: Type.String(),
  skipped: Type.Array(Type.String(), { description: 'Controls that this camera does not have.' }),
});

const name = 'The name of a preset.';

/** Settings under a name. */
export function presetRoutes(presets: Presets): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/presets',
      summary: 'Settings kept under a name',
      answer: answersJson(listOf(PresetSchema), 'By name.'),
      handle: async () => json({ items: await presets.list() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/presets',
      summary: 'Keep settings under a name, those of now where none are given',
      answer: answersJson(PresetSchema, 'The preset.', 201),
      body: PresetBody,
      handle: async ({ body: { name, config, controls } }) => {
        const content = { ...(config && { config }), ...(controls && { controls }) };
        return json(await presets.save(name, content), 201);
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/presets/:name/apply',
      summary: 'Set everything as a preset has it',
      params: { name },
      answer: answersJson(AppliedSchema, 'It is set.'),
      handle: async ({ params }) => json(await presets.apply(params.name)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/presets/:name',
      summary: 'Forget a preset',
      params: { name },
      answer: answersNothing('It is gone.'),
      handle: async ({ params }) => {
        await presets.remove(params.name);
        return noContent();
      },
    }),
  ];
}
