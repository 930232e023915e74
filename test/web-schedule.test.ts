import type { Page } from 'playwright-core';
import t from 'tap';
import type { ScheduleView } from '../src/http/routes/schedule.js';
import type { Status } from '../src/monitor/status.js';
import { until } from './support/until.js';
import { startWebTest, type WebTest } from './support/web-page.js';

/** The schedule on the page, as a person uses it. */

let web: WebTest;
let page: Page;

t.before(async () => {
  web = await startWebTest();
  page = await web.openPage({ timezoneId: 'Asia/Tokyo' });
});

t.teardown(() => web.close());

const schedule = (): Promise<ScheduleView> => web.api<ScheduleView>('/schedule');

t.test(
  'an entry is added, takes effect, is stopped by hand, goes on, and is removed',
  async (t) => {
    const panel = page.getByRole('region', { name: 'Schedule' });
    await panel.getByText('Nothing is recorded by itself.').waitFor();
    await panel.getByText('Schedule', { exact: true }).click();
    await panel.getByRole('button', { name: 'Use Asia/Tokyo' }).click();
    await panel.getByText('Times of day are those of Asia/Tokyo').waitFor();

    await panel.getByLabel('What for').fill('Night');
    await panel.getByLabel('From').fill('21:00');
    await panel.getByLabel('To (').fill('06:00');
    await panel.getByLabel('Sun').uncheck();
    await panel.getByLabel('Several recordings in that time').check();
    await panel.getByLabel('Each for').fill('5m');
    await panel.getByLabel('Every').fill('4m');
    await panel.getByRole('button', { name: 'Add to the schedule' }).click();
    await panel.getByRole('alert').getByText('must be shorter than').waitFor();
    await panel.getByLabel('Every').fill('1h');
    await panel.getByLabel('From').fill('00:00');
    await panel.getByLabel('To (').fill('00:00');
    await panel.getByLabel('Each for').fill('59m');
    await panel.getByLabel('Sun').check();
    await panel.getByRole('button', { name: 'Add to the schedule' }).click();
    await panel.getByText('Daily, 00:00–00:00, 59m every 1h').waitFor();
    const { items, timeZone } = await schedule();
    t.equal(timeZone, 'Asia/Tokyo');
    t.match(items, [{ title: 'Night', repeat: { every: '1h', for: '59m' } }]);

    // In the last minute of an hour there is nothing to be seen.
    if (new Date().getMinutes() < 58) {
      await page.waitForSelector('#state[data-state="recording"]');
      await panel.getByText('Now: Night, until').waitFor();
      await fetch(`http://127.0.0.1:${web.port}/api/v1/recording`, { method: 'DELETE' });
      await panel.getByText('Stopped by hand until').waitFor();
      await panel.getByRole('button', { name: 'Go on now' }).click();
      await page.waitForSelector('#state[data-state="recording"]');
    }
    await panel.getByRole('checkbox', { name: 'Night' }).uncheck();
    await panel.getByText('Nothing is due.').waitFor();
    await until(async () => (await web.api<Status>('/status')).state === 'idle', 'it has ended');
    await panel.getByRole('button', { name: 'Remove Night' }).click();
    await panel.getByText('Nothing is recorded by itself.').waitFor();
    t.strictSame((await schedule()).items, []);
    t.strictSame(web.faults, []);
  },
);
