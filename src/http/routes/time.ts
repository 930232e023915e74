import { randomUUID } from 'node:crypto';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';

/** Tells this run of the program from others: two machines with one id are found out by it. */
const run = randomUUID();

/** For whoever measures how far this machine's clock is off from another's: small, from memory. */
export function timeRoutes(wallUs: () => number): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/system/time',
      handle: () => {
        const receivedWallUs = wallUs();
        return json({ receivedWallUs, sentWallUs: wallUs(), run });
      },
    }),
  ];
}
