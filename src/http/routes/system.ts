import { Type } from '@sinclair/typebox';
import { Problem } from '../../errors.js';
import type { Monitor } from '../../monitor/monitor.js';
import { systemActions, type SystemAction, type SystemControl } from '../../system/control.js';
import { answersJson } from '../answer.js';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';
import { nullable, oneOf } from '../schemas/common.js';

/** A clock that is not even in this range is wrong itself. */
const from2020Us = Date.UTC(2020) * 1000;
const until2100Us = Date.UTC(2100) * 1000;

const ClockBody = Type.Object(
  {
    wallUs: Type.Number({
      minimum: from2020Us,
      maximum: until2100Us,
      description: 'UTC in microseconds since 1970 by the clock of the caller, as this is sent.',
    }),
    roundTripMs: Type.Number({
      minimum: 0,
      maximum: 10_000,
      description:
        'Measured by GET /system/time, the least of a few; half of it is how sure this is.',
    }),
  },
  { additionalProperties: false },
);

const ClockSchema = Type.Object({
  source: Type.String(),
  uncertaintyMs: nullable(Type.Number()),
});

const ActionBody = Type.Object(
  {
    confirm: Type.Optional(
      Type.Boolean({ description: 'Also while a recording runs, which ends with its file whole.' }),
    ),
  },
  { additionalProperties: false },
);

const ActionSchema = Type.Object({ action: oneOf(systemActions) });

const summaries: Record<SystemAction, string> = {
  restart: 'Start the program afresh, where systemd has started it',
  reboot: 'Reboot the machine',
  shutdown: 'Shut the machine down',
};

/** The machine's clock and power, for those who have no keyboard at it. */
export function systemRoutes(monitor: Monitor, control: Pick<SystemControl, 'act'>): Route[] {
  const refuseWhileRecording = (confirm: boolean): void => {
    const { recording } = monitor.status();
    if (recording === null || confirm) return;
    const detail = `${recording.name} would end: stop it first, or send {"confirm": true}.`;
    throw new Problem('recording-running', detail, 'confirm');
  };
  return [
    route({
      method: 'POST',
      path: '/api/v1/system/clock',
      summary: "Set this machine's clock by the caller's",
      description:
        'Frames keep their times; the certificate of a recording that runs has the step.',
      body: ClockBody,
      answer: answersJson(ClockSchema, 'How good the clock is now.'),
      handle: async ({ body }) => json(await monitor.setClock(body)),
    }),
    ...systemActions.map((action) =>
      route({
        method: 'POST',
        path: `/api/v1/system/${action}`,
        summary: summaries[action],
        body: ActionBody,
        answer: answersJson(ActionSchema, 'It is under way.', 202),
        handle: async ({ body: { confirm = false } }) => {
          refuseWhileRecording(confirm);
          await control.act(action);
          return json({ action }, 202);
        },
      }),
    ),
  ];
}
