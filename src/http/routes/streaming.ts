import { Type } from '@sinclair/typebox';
import type { Streaming } from '../../monitor/streaming.js';
import { answersJson } from '../answer.js';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';

const StreamingSchema = Type.Object({ on: Type.Boolean() }, { additionalProperties: false });

/** The live pictures of all who watch, off and on. */
export function streamingRoutes(streaming: Streaming): Route[] {
  return [
    route({
      method: 'PATCH',
      path: '/api/v1/streaming',
      summary: 'Switch the live pictures off, or on again, for everybody',
      description:
        'Off: whoever watches is sent away (WS /preview closes with 4005), and gets `streaming-off` ' +
        'until it is on again. Recordings go on. After a start of the program it is on.',
      body: StreamingSchema,
      answer: answersJson(StreamingSchema, 'As it is now.'),
      handle: ({ body }) => {
        streaming.set(body.on);
        return json({ on: streaming.on });
      },
    }),
  ];
}
