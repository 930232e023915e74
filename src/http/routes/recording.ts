import { Type } from '@sinclair/typebox';
import { parseDuration } from '../../config/duration.js';
import { parseInstant } from '../../config/instant.js';
import { MetadataSchema } from '../../config/metadata.js';
import type { Monitor } from '../../monitor/monitor.js';
import { json, noContent } from '../reply.js';
import { route, type Route } from '../route.js';

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
    metadata: Type.Optional(MetadataSchema),
  },
  { additionalProperties: false },
);

const NoteBody = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 2000 }),
    /** UTC in µs since 1970; without it: now. */
    at: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  },
  { additionalProperties: false },
);

/** The one recording that may run. */
export function recordingRoutes(monitor: Monitor): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/recording',
      body: RecordingBody,
      handle: async ({ body: { name, duration, startAt, metadata } }) => {
        const started = await monitor.startRecording({
          by: 'api',
          ...(name !== undefined && { name }),
          ...(duration !== undefined && { durationMs: parseDuration(duration) ?? Infinity }),
          ...(startAt !== undefined && { startAtWallUs: parseInstant(startAt) ?? 0 }),
          ...(metadata !== undefined && { metadata }),
        });
        return json(started, 201);
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/recording/notes',
      body: NoteBody,
      handle: async ({ body: { text, at } }) => json(await monitor.takeNote(text, at ?? null), 201),
    }),
    route({
      method: 'POST',
      path: '/api/v1/recording/split',
      handle: async () => json(await monitor.splitRecording()),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/recording',
      handle: async () => {
        const certificate = await monitor.stopRecording();
        return certificate === null ? noContent() : json(certificate);
      },
    }),
  ];
}
