import { Type } from '@sinclair/typebox';
import { ConfigSchema } from '../../config/schema.js';
import { listOf, nullable, oneOf } from './common.js';

export const ConfigAnswer = { ...ConfigSchema, $id: 'Config' };

export const SchemaAnswer = Type.Object({}, { description: 'JSON Schema of the configuration.' });

const controlValue = Type.Union([
  Type.Boolean(),
  Type.Number(),
  Type.String(),
  Type.Array(Type.Number()),
]);

export const ControlsSchema = listOf(
  Type.Object(
    {
      id: Type.String(),
      type: oneOf(['boolean', 'integer', 'number', 'choice', 'numbers'] as const),
      min: nullable(Type.Number()),
      max: nullable(Type.Number()),
      length: nullable(Type.Integer()),
      choices: Type.Array(Type.String()),
      default: controlValue,
      value: controlValue,
      unit: Type.String(),
    },
    { $id: 'Control' },
  ),
);

export const CamerasSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String({ description: 'For the setting camera.id.' }),
      model: Type.String(),
      location: Type.String(),
      source: oneOf(['libcamera', 'synthetic'] as const),
    }),
  ),
  libcamera: Type.Object({
    available: Type.Boolean(),
    version: nullable(Type.String()),
    reason: nullable(Type.String({ description: 'Why it is not available.' })),
  }),
});
