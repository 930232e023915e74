import { Type } from '@sinclair/typebox';
import { parseDuration } from '../../config/duration.js';
import { MetadataSchema } from '../../config/metadata.js';
import type { Monitor } from '../../monitor/monitor.js';
import { json } from '../reply.js';
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
      handle: async ({ body: { name, duration, metadata } }) => {
        const started = await monitor.startRecording({
          by: 'api',
          ...(name !== undefined && { name }),
          ...(duration !== undefined && { durationMs: parseDuration(duration) ?? Infinity }),
          ...(metadata !== undefined && { metadata }),
        });
        const { firstSensorNs, firstWallUs } = started;
        return json({ name: started.name, state: 'recording', firstSensorNs, firstWallUs }, 201);
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/recording/notes',
      body: NoteBody,
      handle: async ({ body: { text, at } }) => json(await monitor.takeNote(text, at ?? null), 201),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/recording',
      handle: async () => json(await monitor.stopRecording()),
    }),
  ];
}
