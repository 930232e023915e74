import type { Controller } from '../../controller/controller.js';
import { json, redirect } from '../reply.js';
import { route } from '../route.js';
import { fleetRoutes } from '../routes/controller/fleet.js';
import { eventsSocket } from '../routes/live.js';
import type { Site } from '../site.js';

/** A controller's API and page. */
export function controllerSite(controller: Controller): Site {
  return {
    routes: [
      route({
        method: 'GET',
        path: '/',
        lenientQuery: true,
        handle: () => redirect('/controller.html'),
      }),
      route({
        method: 'GET',
        path: '/healthz',
        lenientQuery: true,
        handle: () => json({ status: 'ok', monitors: controller.fleet.members().length }),
      }),
      ...fleetRoutes(controller),
    ],
    sockets: [eventsSocket(controller.events)],
    page: '/controller.html',
    settings: () => controller.settings.server,
  };
}
