import { Type, type Static } from '@sinclair/typebox';
import type { Monitor } from '../../monitor/monitor.js';
import { Entry, EntryBody, EntryPatch, TimeZone } from '../../schedule/schema.js';
import { answersJson, answersNothing } from '../answer.js';
import { json, noContent } from '../reply.js';
import { route, type Route } from '../route.js';
import { wallUs } from '../schemas/common.js';

const ScheduleBody = Type.Object({ timeZone: TimeZone }, { additionalProperties: false });

/** So many of the next recordings are told. */
const upcoming = 20;

const EntryAnswer = { ...Entry, $id: 'ScheduleEntry' };

const ScheduleAnswer = Type.Object({
  timeZone: Type.String({ description: 'In which times of day are meant.' }),
  items: Type.Array(EntryAnswer),
  upcoming: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      startWallUs: wallUs,
      endWallUs: wallUs,
    }),
    { description: 'In the order of their starts; the first may have begun.' },
  ),
});

export type ScheduleView = Static<typeof ScheduleAnswer>;

const params = { id: 'The id of an entry.' };

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
      summary: 'What is recorded when, and what comes next',
      answer: answersJson(ScheduleAnswer, 'The schedule.'),
      handle: () => json(view()),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/schedule',
      summary: 'Set the time zone of the schedule',
      answer: answersJson(ScheduleAnswer, 'The schedule as it is now.'),
      body: ScheduleBody,
      handle: async ({ body }) => {
        await schedule.setTimeZone(body.timeZone);
        return json(view());
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/schedule',
      summary: 'Add an entry to the schedule',
      answer: answersJson(EntryAnswer, 'The entry.', 201),
      body: EntryBody,
      handle: async ({ body }) => json(await schedule.add(body), 201),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/schedule/:id',
      summary: 'Change an entry of the schedule',
      params,
      answer: answersJson(EntryAnswer, 'The entry as it is now.'),
      body: EntryPatch,
      handle: async ({ params: { id }, body }) => json(await schedule.update(id, body)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/schedule/:id',
      summary: 'Remove an entry of the schedule',
      params,
      answer: answersNothing('It is gone.'),
      handle: async ({ params: { id } }) => {
        await schedule.remove(id);
        return noContent();
      },
    }),
  ];
}
