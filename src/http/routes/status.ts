import { Problem } from '../../errors.js';
import type { Monitor } from '../../monitor/monitor.js';
import { answersJson, answersNothing } from '../answer.js';
import { json, redirect } from '../reply.js';
import { route, type Route } from '../route.js';
import { ClockReadingSchema, HistorySchema, StatusSchema, WellSchema } from '../schemas/status.js';

/** How the monitor is, for people, pages and supervisors. */
export function statusRoutes(monitor: Monitor): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/status',
      summary: 'How the monitor is, from memory',
      answer: answersJson(StatusSchema, 'The state, the recording, losses, disk, health.'),
      handle: () => json(monitor.status()),
    }),
    route({
      method: 'GET',
      path: '/api/v1/history',
      summary: 'The last hour in points of ten seconds',
      answer: answersJson(HistorySchema, 'Oldest first.'),
      handle: () => json({ items: monitor.history.points }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/clock',
      summary: 'Both clocks at one instant, for those who compare theirs by the round trip',
      answer: answersJson(ClockReadingSchema, 'As they were read for this answer.'),
      handle: () => json(monitor.readClocks()),
    }),
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'Whether frames come, for supervisors',
      access: 'anyone',
      answer: answersJson(WellSchema, 'They do.'),
      lenientQuery: true,
      handle: () => {
        const { state } = monitor;
        if (monitor.flowing) return json({ status: 'ok' as const, state });
        throw new Problem('camera-lost', `No frames come from the camera; the state is ${state}.`);
      },
    }),
    route({
      method: 'GET',
      path: '/',
      summary: 'Leads to the page',
      access: 'anyone',
      answer: answersNothing('The page is at Location.', 302),
      lenientQuery: true,
      handle: () => redirect('/monitor.html'),
    }),
  ];
}
