import { Type } from '@sinclair/typebox';
import type { Monitor } from '../../monitor/monitor.js';
import { EntryBody, EntryPatch, TimeZone, type Entry } from '../../schedule/schema.js';
import { json, noContent } from '../reply.js';
import { route, type Route } from '../route.js';

const ScheduleBody = Type.Object({ timeZone: TimeZone }, { additionalProperties: false });

/** So many of the next recordings are told. */
const upcoming = 20;

/** What GET /schedule answers. Instants are UTC in µs. */
export interface ScheduleView {
  /** In which times of day are meant. */
  timeZone: string;
  items: Entry[];
  /** In the order of their starts; the first may have begun. */
  upcoming: { id: string; title: string; startWallUs: number; endWallUs: number }[];
}

/** When recordings begin and end by themselves. */
export function scheduleRoutes({ schedule, scheduler }: Monitor): Route[] {
  const view = (): ScheduleView => ({
    timeZone: schedule.timeZone,
    items: schedule.items,
    upcoming: scheduler.upcoming(upcoming).map(({ id, startMs, endMs }) => ({
      id,
      title: schedule.get(id).title,
      startWallUs: startMs * 1000,
      endWallUs: endMs * 1000,
    })),
  });
  return [
    route({
      method: 'GET',
      path: '/api/v1/schedule',
      handle: () => json(view()),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/schedule',
      body: ScheduleBody,
      handle: async ({ body }) => {
        await schedule.setTimeZone(body.timeZone);
        return json(view());
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/schedule',
      body: EntryBody,
      handle: async ({ body }) => json(await schedule.add(body), 201),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/schedule/:id',
      body: EntryPatch,
      handle: async ({ params: { id = '' }, body }) => json(await schedule.update(id, body)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/schedule/:id',
      handle: async ({ params: { id = '' } }) => {
        await schedule.remove(id);
        return noContent();
      },
    }),
  ];
}
