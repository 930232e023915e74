import { Type } from '@sinclair/typebox';
import { answersJson } from '../answer.js';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';
import { wallUs as wallTime } from '../schemas/common.js';

const TimeSchema = Type.Object({
  receivedWallUs: wallTime,
  sentWallUs: wallTime,
  run: Type.String({ description: 'Of the program: another after each start.' }),
});

/** For whoever measures how far this machine's clock is off from another's: small, from memory. */
export function timeRoutes(wallUs: () => number, run: string): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/system/time',
      summary: "This machine's wall clock, to measure how far it is off",
      answer: answersJson(TimeSchema, 'When the question came and when this answer was made.'),
      handle: () => {
        const receivedWallUs = wallUs();
        return json({ receivedWallUs, sentWallUs: wallUs(), run });
      },
    }),
  ];
}
