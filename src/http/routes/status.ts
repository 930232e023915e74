import { Problem } from '../../errors.js';
import type { Monitor } from '../../monitor/monitor.js';
import { json, redirect } from '../reply.js';
import { route, type Route } from '../route.js';

/** How the monitor is, for people, pages and supervisors. */
export function statusRoutes(monitor: Monitor): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/status',
      handle: () => json(monitor.status()),
    }),
    route({
      method: 'GET',
      path: '/api/v1/history',
      handle: () => json({ items: monitor.history.points }),
    }),
    route({
      method: 'GET',
      path: '/healthz',
      lenientQuery: true,
      handle: () => {
        const { state } = monitor;
        if (monitor.flowing) return json({ status: 'ok', state });
        throw new Problem('camera-lost', `No frames come from the camera; the state is ${state}.`);
      },
    }),
    route({
      method: 'GET',
      path: '/',
      lenientQuery: true,
      handle: () => redirect('/monitor.html'),
    }),
  ];
}
