import { Type } from '@sinclair/typebox';
import { conversionKinds } from '../../media/conversion.js';
import {
  listOf,
  LossesSchema,
  nullable,
  oneOf,
  sensorNs,
  VersionsSchema,
  wallUs,
} from './common.js';
import { ConversionSchema } from './job.js';

const verdict = oneOf(
  ['complete', 'gaps', 'interrupted'] as const,
  'complete: every captured frame is written, and none was lost before.',
);

const MappingSchema = Type.Object({
  fromSensorNs: nullable(sensorNs),
  wallUs,
  uncertaintyUs: nullable(Type.Number()),
  source: Type.String(),
  reason: Type.String(),
});

const GapSchema = Type.Object({
  afterFrame: Type.Integer(),
  frames: Type.Integer(),
  stage: oneOf(['sensor', 'source', 'encoder', 'writer'] as const),
  sensorNs: nullable(sensorNs),
  reason: Type.Optional(Type.String()),
});

export const NoteSchema = Type.Object(
  { frame: Type.Integer(), sensorNs, wallUs, text: Type.String() },
  { $id: 'Note' },
);

const FileSchema = Type.Object({
  path: Type.String({ description: 'The name for /files/{recording}/{file}.' }),
  bytes: nullable(Type.Number()),
  frames: nullable(Type.Integer()),
  firstFrame: Type.Integer(),
  sha256: nullable(Type.String()),
  closed: Type.Boolean({ description: 'False while it is written, or where it needs a repair.' }),
});

const DerivedSchema = Type.Object(
  {
    path: Type.String({ description: 'The name for /files/{recording}/{file}.' }),
    kind: oneOf([...conversionKinds, 'frame-map'] as const),
    bytes: Type.Number(),
    frames: Type.Integer(),
    sha256: Type.String(),
    conversion: ConversionSchema,
    madeWallUs: wallUs,
  },
  { description: 'A file that was made from the recording since.' },
);

const FramesSchema = nullable(
  Type.Object({
    expected: Type.Integer(),
    captured: Type.Integer(),
    encoded: Type.Integer(),
    written: Type.Integer(),
  }),
);

const InstantSchema = Type.Object({ wallUs, sensorNs }, { description: 'By both clocks.' });

/** What the certificate and its summary in the list have in common. */
const head = {
  name: Type.String(),
  start: Type.Object({
    wallUs,
    sensorNs: nullable(sensorNs),
    by: Type.String(),
    at: nullable(InstantSchema),
  }),
  stop: nullable(Type.Object({ wallUs, sensorNs: nullable(sensorNs), reason: Type.String() })),
  frames: FramesSchema,
  losses: nullable(LossesSchema),
  metadata: Type.Object({}),
  files: Type.Array(FileSchema),
  transferred: Type.Optional(
    Type.Object(
      {
        verified: Type.Literal(true),
        at: wallUs,
        by: Type.String(),
        files: Type.Array(Type.String(), { description: 'What was compared.' }),
      },
      { description: 'Only where it was copied, and the copy compared.' },
    ),
  ),
};

const parts = {
  version: Type.Literal(1),
  repaired: Type.Boolean(),
  gaps: Type.Array(GapSchema, { description: 'At most the first 1000.' }),
  intervals: nullable(
    Type.Object({ medianUs: Type.Number(), p99Us: Type.Number(), maxUs: Type.Number() }),
  ),
  clock: Type.Array(MappingSchema),
  health: Type.Object({
    maxTemperatureC: nullable(Type.Number()),
    throttled: Type.Array(Type.String()),
    undervoltage: nullable(Type.Boolean()),
    maxUnsyncedMs: nullable(Type.Number()),
  }),
  camera: nullable(
    Type.Object({ id: Type.String(), width: Type.Integer(), height: Type.Integer() }),
  ),
  encoder: nullable(Type.Object({ active: nullable(Type.String()) })),
  settings: nullable(Type.Object({ camera: Type.Object({}), encoder: Type.Object({}) })),
  controls: Type.Object({}),
  versions: VersionsSchema,
  notes: Type.Array(NoteSchema),
  bootId: nullable(
    Type.String({ description: "Of the machine's start in which it was recorded." }),
  ),
  plan: nullable(
    Type.Object(
      {
        from: InstantSchema,
        durationMs: nullable(Type.Number()),
        isFixed: Type.Optional(
          Type.Boolean({ description: 'An armed start that does not follow the clock.' }),
        ),
      },
      { description: 'While it should still be running: a restart goes on with it.' },
    ),
  ),
  repair: nullable(
    Type.Object({
      atWallUs: wallUs,
      tails: Type.Array(
        Type.Object({ file: Type.String(), tail: Type.String(), bytes: Type.Number() }),
        { description: 'What was cut off files, and the files that keep it.' },
      ),
      rowsMade: Type.Integer(),
      unreadable: Type.Array(Type.String(), { description: 'Videos without a whole frame.' }),
      certificateLost: Type.Boolean(),
    }),
  ),
};

export const CertificateSchema = Type.Object(
  { ...head, ...parts, verdict, derived: Type.Optional(Type.Array(DerivedSchema)) },
  { $id: 'Certificate', description: 'What a recording is and how good it is.' },
);

const listed = {
  derived: Type.Array(DerivedSchema),
  verdict: nullable(verdict),
  state: oneOf(['armed', 'recording', 'repairing', 'ended'] as const),
};

export const RecordingSchema = Type.Object(
  { ...head, ...parts, ...listed },
  { $id: 'Recording', description: 'A certificate; while the recording runs, as it stands.' },
);

export const RecordingsSchema = listOf(Type.Object({ ...head, ...listed }));
