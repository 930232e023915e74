import { Type } from '@sinclair/typebox';
import {
  listOf,
  LossesSchema,
  nullable,
  oneOf,
  ProblemSchema,
  sensorNs,
  VersionsSchema,
  wallUs,
} from './common.js';

export const HealthSchema = Type.Object({
  temperatureC: nullable(Type.Number()),
  throttled: Type.Array(Type.String(), {
    description: 'What holds now, or (…-occurred) has held since power-up.',
  }),
  undervoltage: nullable(Type.Boolean()),
});

const RunningSchema = Type.Object({
  name: Type.String(),
  startedWallUs: nullable(wallUs),
  startAtWallUs: nullable(wallUs),
  firstSensorNs: nullable(sensorNs),
  lastSensorNs: nullable(sensorNs),
  frames: Type.Integer(),
  bytes: Type.Integer(),
  segment: Type.Integer(),
  endsAt: nullable(wallUs),
});

const DiskSchema = Type.Object({
  path: Type.String(),
  freeBytes: nullable(Type.Number()),
  reserveBytes: nullable(
    Type.Number({ description: 'Kept free: a recording stops before it is touched.' }),
  ),
  hoursLeft: nullable(Type.Number({ description: 'Until the reserve, at the rate measured.' })),
  ageMs: nullable(Type.Number({ description: 'How long ago the disk answered last.' })),
  unsyncedMs: nullable(
    Type.Number({ description: 'Age of the oldest data the disk has not acknowledged.' }),
  ),
});

const states = [
  'starting',
  'idle',
  'armed',
  'recording',
  'stopping',
  'camera-lost',
  'failed',
] as const;

const MeasuredSchema = Type.Object(
  {
    exposureUs: nullable(Type.Number()),
    gain: nullable(Type.Number({ description: 'Analogue.' })),
    colourGains: nullable(
      Type.Unsafe<[number, number]>(
        Type.Array(Type.Number(), { minItems: 2, maxItems: 2, description: 'Red, blue.' }),
      ),
    ),
    lensPosition: nullable(Type.Number({ description: 'Dioptres.' })),
  },
  { description: 'What the camera says of its newest frame.' },
);

export const ClockReadingSchema = Type.Object({ monotonicNs: sensorNs, wallUs });

export const StatusSchema = Type.Object(
  {
    id: Type.String(),
    host: Type.String(),
    state: oneOf(states),
    problem: nullable(ProblemSchema),
    camera: nullable(
      Type.Object({
        id: Type.String(),
        model: Type.String(),
        width: Type.Integer(),
        height: Type.Integer(),
        fps: Type.Number(),
      }),
    ),
    measured: nullable(MeasuredSchema),
    encoder: Type.Object({
      requested: Type.String(),
      hardware: nullable(Type.String({ description: 'The node of the hardware encoder found.' })),
      active: nullable(Type.String()),
      device: nullable(Type.String()),
      reason: nullable(Type.String()),
      note: nullable(Type.String()),
      bytesCopied: Type.Number(),
    }),
    recording: nullable(RunningSchema),
    frames: Type.Object({ captured: Type.Integer(), written: Type.Integer() }),
    losses: LossesSchema,
    preview: Type.Object({
      viewers: Type.Integer(),
      skipped: Type.Integer(),
      encoded: Type.Integer({ description: 'JPEGs.' }),
      video: Type.Object(
        {
          viewers: Type.Integer(),
          skipped: Type.Integer(),
          frames: Type.Integer(),
          smallFrames: Type.Integer({ description: 'In the size for thin links.' }),
        },
        { description: 'Live H.264 alone.' },
      ),
    }),
    streaming: Type.Boolean({
      description: 'False: an operator has switched the live view off for everybody.',
    }),
    disk: DiskSchema,
    health: HealthSchema,
    clock: Type.Object({ source: Type.String(), uncertaintyMs: nullable(Type.Number()) }),
    mqtt: nullable(
      Type.Object(
        { connected: Type.Boolean(), problem: nullable(ProblemSchema) },
        { description: 'The connection to the broker; null: none is configured.' },
      ),
    ),
    versions: VersionsSchema,
    lastEventId: Type.Integer({ description: 'For /events?since=: nothing after it is missed.' }),
  },
  { $id: 'Status' },
);

export const WellSchema = Type.Object({ status: Type.Literal('ok'), state: oneOf(states) });

export const HistorySchema = listOf(
  Type.Object({
    wallUs,
    intervalMs: nullable(Type.Number({ description: 'Mean time from frame to frame.' })),
    lost: Type.Integer({ description: 'Frames lost, at any stage.' }),
    freeBytes: nullable(Type.Number()),
    temperatureC: nullable(Type.Number()),
  }),
);
