import { Type, type Static } from '@sinclair/typebox';
import { MetadataSchema } from '../../config/metadata.js';
import { nullable, oneOf, wallUs } from '../../http/schemas/common.js';
import { TargetsSchema } from '../shapes.js';

const duration = Type.Unsafe<string | number>({
  type: ['string', 'number'],
  format: 'duration',
  minimum: 1,
});

export const PreflightBody = Type.Object(
  {
    targets: TargetsSchema,
    duration: Type.Optional(duration),
  },
  { additionalProperties: false },
);

export const RunBody = Type.Object(
  {
    targets: TargetsSchema,
    duration: Type.Optional(duration),
    lead: Type.Optional(
      Type.Unsafe<string | number>({
        type: ['string', 'number'],
        format: 'duration',
        minimum: 1,
        description: 'From now to the start; all must be armed by then. Without it: 5s.',
      }),
    ),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    metadata: Type.Optional(MetadataSchema),
    without: Type.Optional(
      Type.Boolean({ description: 'Begin without those that are not ready. Else nobody begins.' }),
    ),
  },
  { additionalProperties: false },
);
export type RunWish = Static<typeof RunBody>;

export const CheckSchema = Type.Object({
  check: oneOf(['reachable', 'idle', 'camera', 'disk', 'clock', 'settings', 'temperature']),
  ok: Type.Boolean(),
  detail: Type.String(),
});
export type Check = Static<typeof CheckSchema>;

export const PreflightSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  ready: Type.Boolean(),
  checks: Type.Array(CheckSchema),
});
export type Preflight = Static<typeof PreflightSchema>;

export const RunSchema = Type.Object(
  {
    id: Type.String(),
    state: oneOf(['preflight', 'arming', 'armed', 'running', 'done', 'failed']),
    detail: nullable(Type.String({ description: 'Why it failed.' })),
    startAtWallUs: nullable(wallUs),
    spreadUs: nullable(
      Type.Number({ description: 'From the earliest first frame to the latest.' }),
    ),
    uncertaintyUs: nullable(
      Type.Number({ description: 'So much the spread may be wrong: the two least sure clocks.' }),
    ),
    monitors: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        state: oneOf(['waiting', 'ready', 'refused', 'running', 'done', 'unreachable']),
        reason: nullable(Type.String()),
        firstFrameWallUs: nullable(
          Type.Number({ description: "By the controller's clock; µs since 1970." }),
        ),
        offsetUs: nullable(Type.Number()),
        uncertaintyUs: nullable(Type.Number()),
        recording: nullable(Type.String()),
      }),
    ),
  },
  { $id: 'Run' },
);
export type Run = Static<typeof RunSchema>;
export type RunMonitor = Run['monitors'][number];
