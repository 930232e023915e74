import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Problem } from '../src/errors.js';
import type { Certificate } from '../src/monitor/certificate.js';
import type { ScheduleView } from '../src/http/routes/schedule.js';
import { MissedWindows } from '../src/schedule/missed.js';
import { Schedule } from '../src/schedule/schedule.js';
import { Scheduler, type ScheduledRecordings } from '../src/schedule/scheduler.js';
import { weekdays, type Entry } from '../src/schedule/schema.js';
import { windowsFrom } from '../src/schedule/windows.js';
import { startMonitorCommand, type MonitorCommand } from './support/command.js';
import { smallCamera, startServer } from './support/server.js';
import { until } from './support/until.js';

const entry: Entry = {
  id: 'a',
  title: 'Light phase',
  enabled: true,
  days: [...weekdays],
  from: '07:00',
  to: '19:00',
  repeat: null,
  metadata: {},
  skipUntil: null,
};

/** The first windows that end after an instant, as `start end` in UTC. */
function windows(entries: Partial<Entry>[], zone: string, from: string, most = 3): string[] {
  const whole = entries.map((one, i) => ({ ...entry, id: String(i), ...one }));
  const found: string[] = [];
  for (const { startMs, endMs } of windowsFrom(whole, zone, Date.parse(from))) {
    const text = (ms: number): string => new Date(ms).toISOString().slice(5, 16);
    found.push(`${text(startMs)} ${text(endMs)}`);
    if (found.length === most) break;
  }
  return found;
}

t.test('windows in local time', async (t) => {
  t.strictSame(windows([{}], 'Europe/Berlin', '2026-01-05T12:00Z'), [
    '01-05T06:00 01-05T18:00',
    '01-06T06:00 01-06T18:00',
    '01-07T06:00 01-07T18:00',
  ]);
  t.strictSame(
    windows([{ days: ['mon', 'fri'] }], 'Asia/Kolkata', '2026-01-05T14:00Z', 2),
    ['01-09T01:30 01-09T13:30', '01-12T01:30 01-12T13:30'],
    'weekdays are those of the zone; a window that has ended is not told',
  );
  t.strictSame(
    windows([{ days: ['sun'], from: '22:00', to: '06:00' }], 'UTC', '2026-01-05T05:00Z', 2),
    ['01-04T22:00 01-05T06:00', '01-11T22:00 01-12T06:00'],
    'over midnight it is of the day on which it begins',
  );
  t.strictSame(
    windows([{ from: '08:00', to: '08:00' }], 'UTC', '2026-01-05T09:00Z', 1),
    ['01-05T08:00 01-06T08:00'],
    'a whole day',
  );
  t.strictSame(windows([{ repeat: { every: '5h', for: '90m' } }], 'UTC', '2026-01-05T00:00Z', 4), [
    '01-05T07:00 01-05T08:30',
    '01-05T12:00 01-05T13:30',
    '01-05T17:00 01-05T18:30',
    '01-06T07:00 01-06T08:30',
  ]);
  t.strictSame(
    windows([{ repeat: { every: '11h', for: '2h' } }], 'UTC', '2026-01-05T10:00Z', 1),
    ['01-05T18:00 01-05T19:00'],
    'the last is cut at the end',
  );
  t.strictSame(
    windows([{ to: '12:00' }, { from: '06:00' }], 'UTC', '2026-01-05T00:00Z', 2),
    ['01-05T06:00 01-05T19:00', '01-05T07:00 01-05T12:00'],
    'entries in the order of their starts',
  );
  t.strictSame(windows([{ enabled: false }], 'UTC', '2026-01-05T00:00Z'), []);
  const skipUntil = Date.parse('2026-01-05T19:00Z') * 1000;
  t.strictSame(windows([{ skipUntil }], 'UTC', '2026-01-05T08:00Z', 1), [
    '01-06T07:00 01-06T19:00',
  ]);
});

t.test('the days on which the clocks change', async (t) => {
  const on = (zone: string, day: string, from: string, to: string, more: Partial<Entry> = {}) =>
    windows([{ from, to, ...more }], zone, `${day}Z`, 1)[0];
  const spring = '2026-03-29T00:00'; // Berlin: 02:00 becomes 03:00 at 01:00 UTC
  const autumn = '2026-10-24T23:00'; // Berlin: 03:00 becomes 02:00 at 01:00 UTC
  const berlin = 'Europe/Berlin';
  t.equal(on(berlin, spring, '07:00', '19:00'), '03-29T05:00 03-29T17:00');
  t.equal(on(berlin, '2026-03-28T12:00', '22:00', '06:00'), '03-28T21:00 03-29T04:00', '7 hours');
  t.equal(on(berlin, '2026-10-24T12:00', '22:00', '06:00'), '10-24T20:00 10-25T05:00', '9 hours');
  t.equal(
    on(berlin, spring, '02:15', '02:45'),
    '03-29T01:15 03-29T01:45',
    'skipped: an hour later',
  );
  t.equal(on(berlin, spring, '02:30', '03:15'), '03-29T01:30 03-29T02:15', 'as long as it says');
  t.equal(on(berlin, spring, '01:30', '02:30'), '03-29T00:30 03-29T01:30');
  t.equal(on(berlin, autumn, '02:15', '02:45'), '10-25T00:15 10-25T00:45', 'once, the first time');
  t.equal(on(berlin, autumn, '01:30', '03:30'), '10-24T23:30 10-25T02:30', 'both hours');
  // New York, 2026-03-08 02:00; Lord Howe by half an hour, 2026-10-04 02:00; Santiago at midnight.
  t.equal(on('America/New_York', '2026-03-08T05:00', '02:30', '04:00'), '03-08T07:30 03-08T08:00');
  t.equal(
    on('Australia/Lord_Howe', '2026-10-03T15:00', '02:10', '03:00'),
    '10-03T15:40 10-03T16:00',
  );
  t.equal(on('America/Santiago', '2026-09-06T03:30', '00:00', '07:00'), '09-06T04:00 09-06T10:00');
  const hourly = { repeat: { every: '1h', for: '10m' } };
  const starts = (from: string): number =>
    windows([{ from: '00:00', to: '00:00', ...hourly }], berlin, from, 100).filter((text) => {
      const local = new Date(`2026-${text.slice(0, 11)}:00Z`).toLocaleDateString('sv', {
        timeZone: berlin,
      });
      return local === new Date(from).toLocaleDateString('sv', { timeZone: berlin });
    }).length;
  t.equal(starts('2026-03-28T23:00Z'), 23, 'every hour of a short day');
  t.equal(starts('2026-10-24T22:00Z'), 25, 'and of a long one');
});

/** A monitor that does as it is told, on a day of its own. */
class Stage {
  nowMs = Date.parse('2026-01-05T06:59:59.900Z');
  elapsedMs = 0;
  running: { name: string; by: string; busy: boolean } | null = null;
  /** How often it was asked what runs. */
  asked = 0;
  refuses: Problem | null = null;
  readonly done: string[] = [];
  readonly troubles: Problem[] = [];
  readonly schedule: Schedule;
  readonly scheduler: Scheduler;

  readonly missed: MissedWindows;

  constructor(readonly folder: string) {
    const path = (file: string): string => join(folder, file);
    this.schedule = new Schedule(path('schedule.json'), () => this.scheduler.entriesChanged());
    this.missed = new MissedWindows(
      path('schedule-begun.json'),
      (problem) => this.troubles.push(problem),
      () => this.elapsedMs,
    );
    const recordings: ScheduledRecordings = {
      running: () => {
        this.asked++;
        return this.running;
      },
      start: async ({ durationMs, metadata }) => {
        if (this.refuses !== null) throw this.refuses;
        this.done.push(`start ${String(metadata['schedule'])} ${durationMs / 60_000} min`);
        this.running = { name: 'r', by: 'schedule', busy: false };
      },
      stop: async () => this.end('schedule'),
      onTrouble: (problem) => this.troubles.push(problem),
      now: () => this.nowMs,
    };
    this.scheduler = new Scheduler(this.schedule, recordings, this.missed);
  }

  end(reason: string): void {
    const by = this.running?.by ?? '';
    this.running = null;
    this.done.push(`end ${reason}`);
    this.scheduler.onEnded({ start: { by }, stop: { reason } } as Certificate);
  }

  at(time: string): void {
    this.nowMs = Date.parse(`2026-01-${time}Z`);
    this.scheduler.lookSoon();
  }

  /** Takes what has been done since, once that is `count` things. */
  async took(count: number): Promise<string[]> {
    await until(() => this.done.length >= count, `${count} things are done`);
    return this.done.splice(0);
  }
}

/** `before`: of a program that has ended; its files are found. */
async function stage(t: Test, before?: Stage): Promise<Stage> {
  const folder = before?.folder ?? (await mkdtemp(join(tmpdir(), 'pi-monitor-test-')));
  const made = new Stage(folder);
  t.teardown(async () => {
    made.scheduler.stop();
    await made.missed.saved();
    await rm(folder, { recursive: true, force: true });
  });
  if (before !== undefined) {
    await made.schedule.load();
    await made.missed.load();
    return made;
  }
  await made.schedule.setTimeZone('UTC');
  return made;
}

const wish = { title: 'Day', from: '07:00', to: '19:00' };

t.test('the scheduler keeps to the schedule', async (t) => {
  const stage_ = await stage(t);
  const { schedule, scheduler } = stage_;
  scheduler.start();
  const { id } = await schedule.add(wish);
  stage_.at('05T07:00:00');
  t.strictSame(await stage_.took(1), ['start Day 720 min']);
  stage_.at('05T19:00:00');
  t.strictSame(await stage_.took(1), ['end schedule'], 'even if the sensor’s clock says later');

  stage_.at('06T18:00:00');
  t.strictSame(await stage_.took(1), ['start Day 60 min'], 'with what is left of it');
  stage_.at('06T03:00:00'); // the clock is set back
  t.strictSame(await stage_.took(1), ['end schedule']);
  stage_.at('06T08:00:00');
  t.strictSame(await stage_.took(1), ['start Day 660 min']);

  stage_.end('requested'); // by a person
  await until(() => schedule.get(id).skipUntil !== null, 'that is noted');
  stage_.at('06T12:00:00');
  t.equal(scheduler.upcoming(1)[0]?.startMs, Date.parse('2026-01-07T07:00Z'));
  t.strictSame(await stage_.took(1), ['end requested'], 'and stays so');
  await schedule.update(id, { skipUntil: null });
  t.strictSame(await stage_.took(1), ['start Day 420 min'], 'until a person says otherwise');

  await schedule.update(id, { enabled: false });
  t.strictSame(await stage_.took(1), ['end schedule']);
  t.strictSame(stage_.troubles, []);
});

t.test('what a person began is never cut, and what is left is recorded', async (t) => {
  const stage_ = await stage(t);
  const { schedule, scheduler } = stage_;
  await schedule.add(wish);
  stage_.running = { name: 'mine', by: 'api', busy: false };
  stage_.at('05T07:00:00');
  scheduler.start();
  await until(() => stage_.troubles.length > 0, 'it is told');
  t.match(stage_.troubles, [{ code: 'recording-running', detail: /Day waits: mine is running/ }]);
  stage_.at('05T08:00:00');
  stage_.end('requested');
  t.strictSame(await stage_.took(2), ['end requested', 'start Day 660 min']);
  t.equal(stage_.troubles.length, 1, 'once');
});

t.test('entries that overlap', async (t) => {
  const stage_ = await stage(t);
  await stage_.schedule.add({ title: 'Noon', from: '11:00', to: '20:00' });
  await stage_.schedule.add(wish);
  stage_.at('05T12:00:00');
  stage_.scheduler.start();
  t.strictSame(await stage_.took(1), ['start Day 420 min'], 'the one that began first');
  stage_.at('05T19:00:00');
  t.strictSame(await stage_.took(2), ['end schedule', 'start Noon 60 min'], 'then what is left');
});

t.test(
  'an entry whose time lies within another recording of the schedule is not missed',
  async (t) => {
    const stage_ = await stage(t);
    await stage_.schedule.add(wish);
    await stage_.schedule.add({ title: 'Noon', from: '12:00', to: '13:00' });
    stage_.at('05T07:00:00');
    stage_.scheduler.start();
    await stage_.took(1);
    for (const time of ['05T12:30:00', '05T13:30:00']) {
      const { asked } = stage_;
      stage_.at(time);
      await until(() => stage_.asked > asked, 'it has looked');
    }
    t.strictSame(stage_.troubles, []);
  },
);

t.test('a clock that was once ahead does not keep what is missed from being told', async (t) => {
  const stage_ = await stage(t);
  await stage_.schedule.add(wish);
  stage_.refuses = new Problem('disk-full', 'No room.');
  const look = async (time: string): Promise<void> => {
    const { asked } = stage_;
    stage_.at(time);
    await until(() => stage_.asked > asked, 'it has looked');
  };
  stage_.at('25T20:00:00');
  stage_.scheduler.start();
  await until(() => stage_.troubles.length > 0, 'what the clock passed over is told');
  stage_.troubles.splice(0);
  await look('05T20:00:00');
  stage_.elapsedMs += 3_700_000;
  await look('05T21:00:00');
  await look('06T20:00:00');
  await until(() => stage_.troubles.length > 0, 'it is told again');
  t.match(stage_.troubles, [{ code: 'schedule-missed', detail: /2026-01-06 07:00 to/ }]);
});

t.test('a start that fails is told', async (t) => {
  const stage_ = await stage(t);
  await stage_.schedule.add(wish);
  stage_.refuses = new Problem('disk-full', 'No room.');
  stage_.at('05T12:00:00');
  stage_.scheduler.start();
  await until(() => stage_.troubles.length > 0, 'it is told');
  t.match(stage_.troubles, [
    { code: 'disk-full', detail: 'The scheduled recording Day could not begin: No room.' },
  ]);
});

t.test('what was missed while the machine was off is told at its next start', async (t) => {
  const before = await stage(t);
  await before.schedule.add(wish);
  before.scheduler.start();
  before.at('05T12:00:00');
  await before.took(1);
  before.scheduler.stop();
  await before.missed.saved();

  const after = await stage(t, before);
  after.at('07T20:00:00');
  after.scheduler.start();
  await until(() => after.troubles.length > 0, 'it is told');
  t.match(after.troubles[0], {
    code: 'schedule-missed',
    detail:
      'Nothing was recorded of Day (2026-01-06 07:00 to 2026-01-06 19:00), ' +
      'Day (2026-01-07 07:00 to 2026-01-07 19:00). The machine was off, pi-monitor did not run, ' +
      'or the clock was set.',
  });
  await after.missed.saved();
  after.scheduler.stop();

  const later = await stage(t, after);
  later.at('01T00:00:00'); // at power-up the clock is behind
  later.scheduler.start();
  await until(() => later.asked > 0, 'it has looked');
  const { asked } = later;
  later.at('07T20:01:00');
  await until(() => later.asked > asked, 'and again');
  t.strictSame(later.troubles, [], 'once');
});

t.test('what could not begin until its end is told with the reason', async (t) => {
  const stage_ = await stage(t);
  await stage_.schedule.add(wish);
  stage_.refuses = new Problem('disk-full', 'No room.');
  stage_.at('05T12:00:00');
  stage_.scheduler.start();
  await until(() => stage_.troubles.length > 0, 'it could not begin');
  stage_.at('05T19:00:00');
  await until(() => stage_.troubles.length > 1, 'it is over');
  t.match(stage_.troubles[1], {
    code: 'schedule-missed',
    detail: 'Nothing was recorded of Day (2026-01-05 07:00 to 2026-01-05 19:00). No room.',
  });

  stage_.refuses = null;
  await stage_.schedule.add({ title: 'Late', from: '08:00', to: '10:00' });
  stage_.at('05T20:00:00');
  const { asked } = stage_;
  await until(() => stage_.asked > asked, 'it has looked');
  t.equal(stage_.troubles.length, 2, 'an entry that is new has missed nothing');
});

t.test('windows that follow one another are one recording, and none is missed', async (t) => {
  const stage_ = await stage(t);
  stage_.at('05T07:30:00');
  await stage_.schedule.add({ ...wish, to: wish.from }); // whole days
  stage_.scheduler.start();
  for (const day of ['05', '06', '07']) {
    const { asked } = stage_;
    stage_.at(`${day}T12:00:00`);
    await until(() => stage_.asked > asked, 'it has looked');
  }
  t.strictSame(stage_.troubles, []);
  t.match(await stage_.took(1), [/^start Day/]);
});

t.test('one that breaks off at once is not begun again and again', async (t) => {
  const stage_ = await stage(t);
  await stage_.schedule.add(wish);
  stage_.at('05T12:00:00');
  stage_.scheduler.start();
  await stage_.took(1);
  stage_.end('encoder-failed');
  const { asked } = stage_;
  await until(() => stage_.asked > asked, 'it was looked at since');
  t.strictSame(stage_.done, ['end encoder-failed']);
});

t.test('over a restart of the program', async (t) => {
  const stage_ = await stage(t);
  await stage_.schedule.add(wish);
  stage_.at('05T12:00:00');
  stage_.running = { name: 'resumed', by: 'schedule', busy: false };
  stage_.scheduler.start();
  await until(() => stage_.asked > 1, 'it was looked at twice');
  t.strictSame(stage_.done, [], 'one from before goes on');
  stage_.at('05T19:00:00');
  t.strictSame(await stage_.took(1), ['end schedule'], 'and is ended in time');
});

t.test('a file that cannot be read is told and kept', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'schedule.json');
  await writeFile(path, '{"items": 3}');
  const schedule = new Schedule(path, () => undefined);
  await t.rejects(schedule.load(), { code: 'malformed', detail: /Mend it or move it away/ });
  await t.rejects(schedule.add(wish), { code: 'malformed' });
  t.equal(await readFile(path, 'utf8'), '{"items": 3}');
});

t.test('over HTTP', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client, monitor } = server;
  const path = '/api/v1/schedule';
  const refused = async (body: object): Promise<unknown> => {
    const answer = await client.send('POST', path, { body });
    t.equal(answer.status, 422);
    return answer.json()['field'];
  };
  t.equal(await refused({ ...wish, from: '7:00' }), 'from');
  t.equal(await refused({ ...wish, days: [] }), 'days');
  t.equal(await refused({ ...wish, repeat: { every: '10m', for: '10m' } }), 'repeat.for');
  t.equal(await refused({ ...wish, repeat: { every: '30s', for: '10s' } }), 'repeat.every');
  const zone = (timeZone: string | null) => client.send('PATCH', path, { body: { timeZone } });
  t.equal((await zone('Europe/Atlantis')).status, 422);
  t.match((await zone('Asia/Tokyo')).json(), { timeZone: 'Asia/Tokyo' });
  t.equal((await client.send('PATCH', `${path}/none`, { body: {} })).status, 404);

  // An entry that is due for the whole of today.
  const day = { title: 'Whole day', from: '00:00', to: '00:00', metadata: { subject: 'm12' } };
  const added = await client.send('POST', path, { body: day });
  t.equal(added.status, 201);
  const { id } = added.json() as { id: string };
  await until(() => (monitor.status().recording?.frames ?? 0) > 5, 'it records');
  const view = (await client.get(path)).json() as unknown as ScheduleView;
  t.match(view, { items: [{ id, title: 'Whole day', enabled: true, skipUntil: null }] });
  const [now, next] = view.upcoming;
  const { endsAt } = monitor.status().recording ?? {};
  t.ok(Math.abs((endsAt ?? 0) - (now?.endWallUs ?? 0)) < 5e6, 'the status says when it ends');
  t.equal(next?.startWallUs, now?.endWallUs);
  await client.send('PATCH', `${path}/${id}`, { body: { enabled: false } });
  await until(() => monitor.status().state === 'idle', 'it has ended');
  const [recording] = await monitor.library.list();
  t.match(await monitor.library.get(recording?.name ?? ''), {
    verdict: 'complete',
    start: { by: 'schedule' },
    stop: { reason: 'schedule' },
    metadata: { schedule: 'Whole day', subject: 'm12' },
  });

  await client.send('PATCH', `${path}/${id}`, { body: { enabled: true } });
  await until(() => monitor.status().state === 'recording', 'it begins again');
  await client.send('DELETE', '/api/v1/recording');
  await until(() => monitor.schedule.get(id).skipUntil === now?.endWallUs, 'a person’s stop holds');
  const saved = JSON.parse(
    await readFile(join(server.folder, 'data', 'schedule.json'), 'utf8'),
  ) as unknown;
  t.match(saved, { timeZone: 'Asia/Tokyo', items: [{ id }] });
  t.equal((await client.send('DELETE', `${path}/${id}`)).status, 204);
  t.strictSame((await client.get(path)).json(), {
    timeZone: 'Asia/Tokyo',
    items: [],
    upcoming: [],
  });
});

t.test('a program that starts anew goes on with what it recorded', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ camera: { ...smallCamera } }));
  const start = () => startMonitorCommand(['--data', join(folder, 'data'), '--config', config]);
  const recording = ({ client }: MonitorCommand) =>
    until(async () => {
      const { recording } = (await client.get('/api/v1/status')).json();
      const running = recording as { name: string; frames: number } | null;
      return running !== null && running.frames > 10 && running;
    }, 'it records');
  const first = await start();
  const entry = { title: 'Always', from: '00:00', to: '00:00' };
  await first.client.send('POST', '/api/v1/schedule', { body: entry });
  const { name } = await recording(first);
  await first.command.kill('SIGTERM');
  const second = await start();
  t.teardown(() => second.command.kill('SIGKILL'));
  t.equal((await recording(second)).name, name, 'the same recording goes on');
  const { items } = (await second.client.get('/api/v1/schedule')).json() as unknown as ScheduleView;
  t.match(items, [{ title: 'Always', skipUntil: null }]);
  await second.client.send('PATCH', `/api/v1/schedule/${items[0]?.id}`, {
    body: { enabled: false },
  });
  const certificate = await until(async () => {
    const one = (await second.client.get(`/api/v1/recordings/${name}`)).json();
    return one['state'] === 'ended' && one;
  }, 'the schedule ends it');
  t.match(certificate, { start: { by: 'schedule' }, stop: { reason: 'schedule' } });
  t.equal(((await second.client.get('/api/v1/recordings')).json()['items'] as unknown[]).length, 1);
});
