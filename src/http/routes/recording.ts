import { Type } from '@sinclair/typebox';
import { parseDuration } from '../../config/duration.js';
import { MetadataSchema } from '../../config/metadata.js';
import type { Monitor } from '../../monitor/monitor.js';
import { answersJson } from '../answer.js';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';
import { CertificateSchema, NoteSchema } from '../schemas/certificate.js';
import { sensorNs, wallUs } from '../schemas/common.js';

const RecordingBody = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    duration: Type.Optional(
      Type.Unsafe<string | number>({
        type: ['string', 'number'],
        format: 'duration',
        minimum: 1,
        maximum: 366 * 86_400_000,
        multipleOf: 1,
      }),
    ),
    metadata: Type.Optional(MetadataSchema),
  },
  { additionalProperties: false },
);

const NoteBody = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 2000 }),
    at: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'UTC in microseconds since 1970; without it: now.',
      }),
    ),
  },
  { additionalProperties: false },
);

const StartedSchema = Type.Object({
  name: Type.String(),
  state: Type.Literal('recording'),
  firstSensorNs: sensorNs,
  firstWallUs: wallUs,
});

/** The one recording that may run. */
export function recordingRoutes(monitor: Monitor): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/recording',
      summary: 'Start a recording',
      description: 'Answers once the first frame is through the gate.',
      answer: answersJson(StartedSchema, 'It runs.', 201),
      body: RecordingBody,
      handle: async ({ body: { name, duration, metadata } }) => {
        const started = await monitor.startRecording({
          by: 'api',
          ...(name !== undefined && { name }),
          ...(duration !== undefined && { durationMs: parseDuration(duration) ?? Infinity }),
          ...(metadata !== undefined && { metadata }),
        });
        const { firstSensorNs, firstWallUs } = started;
        const state = 'recording' as const;
        return json({ name: started.name, state, firstSensorNs, firstWallUs }, 201);
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/recording/notes',
      summary: 'Note something on the frame that is being recorded',
      answer: answersJson(NoteSchema, 'The note, as it stands in the certificate.', 201),
      body: NoteBody,
      handle: async ({ body: { text, at } }) => json(await monitor.takeNote(text, at ?? null), 201),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/recording',
      summary: 'Stop the recording',
      description: 'Answers once the file is final.',
      answer: answersJson(CertificateSchema, 'The certificate.'),
      handle: async () => json(await monitor.stopRecording()),
    }),
  ];
}
