import type { Controller } from '../../../controller/controller.js';
import { AddMonitorSchema, PatchMonitorSchema } from '../../../controller/shapes.js';
import { json, noContent } from '../../reply.js';
import { route, type Route } from '../../route.js';

/** Who belongs to the fleet. */
export function fleetRoutes(controller: Controller): Route[] {
  const { fleet } = controller;
  return [
    route({
      method: 'GET',
      path: '/api/v1/monitors',
      handle: () => json({ items: fleet.views() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/monitors',
      body: AddMonitorSchema,
      handle: async ({ body: { address, ...given } }) =>
        json({ items: await controller.add(address, given) }, 201),
    }),
    route({
      method: 'GET',
      path: '/api/v1/monitors/:id',
      handle: ({ params: { id = '' } }) => json(fleet.view(id)),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/monitors/:id',
      body: PatchMonitorSchema,
      handle: async ({ params: { id = '' }, body }) => {
        await fleet.patch(id, body);
        return json(fleet.view(id));
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/monitors/:id',
      handle: async ({ params: { id = '' } }) => {
        await fleet.remove(id);
        return noContent();
      },
    }),
  ];
}
