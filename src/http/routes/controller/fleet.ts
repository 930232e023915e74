import type { Controller } from '../../../controller/controller.js';
import {
  AddMonitorSchema,
  MonitorSchema,
  PairMonitorSchema,
  PatchMonitorSchema,
} from '../../../controller/shapes.js';
import { answersJson, answersNothing } from '../../answer.js';
import { json, noContent } from '../../reply.js';
import { route, type Route } from '../../route.js';
import { listOf } from '../../schemas/common.js';

const params = { id: "The monitor's id." };

/** Who belongs to the fleet. */
export function fleetRoutes(controller: Controller): Route[] {
  const { fleet } = controller;
  return [
    route({
      method: 'GET',
      path: '/api/v1/monitors',
      summary: 'All monitors of the fleet, as they stand',
      answer: answersJson(listOf(MonitorSchema), 'In the order in which they came.'),
      handle: () => json({ items: fleet.views() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/monitors',
      summary: 'Add a monitor by name or address, or a range of addresses',
      body: AddMonitorSchema,
      answer: answersJson(
        listOf(MonitorSchema),
        'Those at the addresses, also if silent yet.',
        201,
      ),
      handle: async ({ body: { address, ...given } }) =>
        json({ items: await controller.add(address, given) }, 201),
    }),
    route({
      method: 'GET',
      path: '/api/v1/monitors/:id',
      summary: 'One monitor',
      params,
      answer: answersJson(MonitorSchema, 'As it stands.'),
      handle: ({ params: { id } }) => json(fleet.view(id)),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/monitors/:id',
      summary: 'Name or group a monitor, give its token, or say where it is now',
      params,
      body: PatchMonitorSchema,
      answer: answersJson(MonitorSchema, 'As it stands.'),
      handle: async ({ params: { id }, body }) => {
        await fleet.patch(id, body);
        return json(fleet.view(id));
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/monitors/:id/pairing',
      summary: 'Pair with a monitor by the code it shows',
      description: 'From then on it must prove who it is, and nothing is asked of it without.',
      params,
      body: PairMonitorSchema,
      answer: answersJson(MonitorSchema, 'They are paired; the monitor as it stands.', 201),
      handle: async ({ params: { id }, body }) => json(await controller.pair(id, body.code), 201),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/monitors/:id/pairing',
      summary: 'Forget the token of a monitor',
      description: 'The monitor goes on to know it, until the pairing is ended there.',
      params,
      answer: answersJson(MonitorSchema, 'As it stands.'),
      handle: async ({ params: { id } }) => json(await controller.pair(id, null)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/monitors/:id',
      summary: 'Take a monitor out of the fleet',
      params,
      answer: answersNothing('It is no longer part of it; what was fetched from it stays.'),
      handle: async ({ params: { id } }) => {
        await fleet.remove(id);
        return noContent();
      },
    }),
  ];
}
