import type { Controller } from '../../controller/controller.js';
import { Type } from '@sinclair/typebox';
import { answersJson, answersNothing } from '../answer.js';
import { json, redirect } from '../reply.js';
import { route } from '../route.js';
import { commandRoutes } from '../routes/controller/commands.js';
import { discoveryRoutes } from '../routes/controller/discovery.js';
import { fleetRoutes } from '../routes/controller/fleet.js';
import type { Rehearsal } from '../../rehearsal/rehearsal.js';
import { rehearsalRoutes } from '../routes/controller/rehearsal.js';
import { passThroughRoutes } from '../routes/controller/pass-through.js';
import { runRoutes } from '../routes/controller/runs.js';
import { transferRoutes } from '../routes/controller/transfers.js';
import { wallSocket } from '../routes/controller/wall.js';
import { eventsSocket } from '../routes/live.js';
import type { Site } from '../site.js';

const WellSchema = Type.Object({ status: Type.Literal('ok'), monitors: Type.Integer() });

/** A controller's API and page. `rehearsal`: where its monitors are simulated. */
export function controllerSite(controller: Controller, rehearsal: Rehearsal | null = null): Site {
  return {
    id: () => controller.id,
    routes: [
      route({
        method: 'GET',
        path: '/',
        summary: 'Leads to the page',
        access: 'anyone',
        answer: answersNothing('The page is at Location.', 302),
        lenientQuery: true,
        handle: () => redirect('/controller.html'),
      }),
      route({
        method: 'GET',
        path: '/healthz',
        summary: 'Whether the controller runs, for supervisors',
        access: 'anyone',
        answer: answersJson(WellSchema, 'It does.'),
        lenientQuery: true,
        handle: () => json({ status: 'ok' as const, monitors: controller.fleet.members().length }),
      }),
      ...fleetRoutes(controller),
      ...discoveryRoutes(controller),
      ...passThroughRoutes(controller),
      ...commandRoutes(controller),
      ...runRoutes(controller),
      ...transferRoutes(controller),
      ...rehearsalRoutes(rehearsal),
    ],
    sockets: [wallSocket(controller.wall), eventsSocket(controller.events)],
    page: '/controller.html',
    settings: () => controller.settings.server,
  };
}
