import { Type } from '@sinclair/typebox';
import { parseDuration } from '../../config/duration.js';
import { parseInstant } from '../../config/instant.js';
import { MetadataSchema } from '../../config/metadata.js';
import type { Monitor } from '../../monitor/monitor.js';
import { json, noContent } from '../reply.js';
import { answersJson } from '../answer.js';
import { route, type Route } from '../route.js';
import { CertificateSchema, NoteSchema } from '../schemas/certificate.js';
import { nullable, oneOf, sensorNs, wallUs } from '../schemas/common.js';

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
    /** UTC in µs since 1970, or as text with its zone; without it: now. */
    startAt: Type.Optional(
      Type.Unsafe<string | number>({
        type: ['string', 'number'],
        format: 'instant',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        multipleOf: 1,
      }),
    ),
    startFollowsClock: Type.Optional(
      Type.Boolean({
        description:
          'true, or left out: where the clock is set meanwhile, startAt moves along. false: it stays the instant that it was, as a common start of several monitors wants it.',
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
  state: oneOf(['recording', 'armed'] as const),
  firstSensorNs: nullable(sensorNs),
  firstWallUs: nullable(wallUs),
  startAtWallUs: nullable(wallUs),
});

const SplitSchema = Type.Object({ name: Type.String(), segment: Type.Integer() });

/** The one recording that may run. */
export function recordingRoutes(monitor: Monitor): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/recording',
      summary: 'Start a recording',
      description:
        'Answers once the first frame is through the gate or, with startAt, once all is ready.',
      answer: answersJson(StartedSchema, 'It runs, or is armed.', 201),
      body: RecordingBody,
      handle: async ({ body: { name, duration, startAt, startFollowsClock, metadata } }) => {
        const started = await monitor.startRecording({
          by: 'api',
          ...(name !== undefined && { name }),
          ...(duration !== undefined && { durationMs: parseDuration(duration) ?? Infinity }),
          ...(startAt !== undefined && { startAtWallUs: parseInstant(startAt) ?? 0 }),
          ...(startFollowsClock !== undefined && { startFollowsClock }),
          ...(metadata !== undefined && { metadata }),
        });
        return json(started, 201);
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
      method: 'POST',
      path: '/api/v1/recording/split',
      summary: 'Let the recording go on in a new segment',
      answer: answersJson(SplitSchema, 'The segment that has been opened.'),
      handle: async () => json(await monitor.splitRecording()),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/recording',
      summary: 'Stop the recording',
      description: 'Answers once the files are final; 204 where it was armed, and nothing is left.',
      answer: { ...answersJson(CertificateSchema, 'The certificate.'), statuses: [200, 204] },
      handle: async () => {
        const certificate = await monitor.stopRecording();
        return certificate === null ? noContent() : json(certificate);
      },
    }),
  ];
}
