import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { build } from 'esbuild';
import t from 'tap';
import type { RecordingItem } from '../src/monitor/recording-item.js';
import type { Status } from '../src/monitor/status.js';
import { until } from './support/until.js';
import { startWebTest, type WebTest } from './support/web-page.js';

/** The list of recordings in a browser: pictures, conversions, downloads of one and of many. */

const run = promisify(execFile);
let web: WebTest;
let page: Page;
let tools: string;

t.before(async () => {
  // An ffmpeg that reads no faster than the video plays, so that there is progress to be seen.
  tools = await mkdtemp(join(tmpdir(), 'pi-monitor-tools-'));
  const slow = join(tools, 'ffmpeg');
  await writeFile(
    slow,
    '#!/bin/sh\ncase "$*" in *segments.txt*) exec ffmpeg -re "$@" ;; *) exec ffmpeg "$@" ;; esac\n',
  );
  await chmod(slow, 0o755);
  process.env['FFMPEG_BIN'] = slow;
  web = await startWebTest();
  delete process.env['FFMPEG_BIN'];
  for (const name of ['first', 'second']) await record(name);
  page = await web.openPage();
});

t.teardown(async () => {
  await web.close();
  await rm(tools, { recursive: true });
});

async function send(method: string, path: string, body?: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${web.port}/api/v1${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function record(name: string): Promise<void> {
  await send('POST', '/recording', { name });
  await until(
    async () => ((await web.api<Status>('/status')).recording?.frames ?? 0) >= 60,
    'two seconds are recorded',
  );
  await send('DELETE', '/recording');
}

t.test('each recording has a small picture', async (t) => {
  const picture = page.locator('[data-recording="first"] .thumbnail img');
  await until(
    () => picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    'it is loaded',
  );
  t.equal(await page.locator('.thumbnail img').count(), 2);
});

t.test('a recording is converted, with progress, and the copy is downloaded', async (t) => {
  await page.getByRole('button', { name: 'Convert first' }).click();
  const dialog = page.getByRole('dialog', { name: 'Convert first' });
  await dialog.getByRole('radio', { name: /Smaller copy/ }).check();
  await dialog.getByLabel('Height').selectOption('360 px');
  await dialog.getByRole('button', { name: 'Convert' }).click();
  await dialog.waitFor({ state: 'detached' });
  const row = page.locator('[data-recording="first"]');
  const bar = row.locator('progress');
  const shown = async (): Promise<number> => Number(await bar.getAttribute('value'));
  await bar.waitFor();
  await until(async () => (await shown()) > 0, 'the bar moves');
  await bar.waitFor({ state: 'detached' });

  await row.getByRole('button', { name: 'Download first' }).click();
  const downloads = page.getByRole('dialog', { name: 'first' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    downloads.getByRole('link', { name: 'Smaller copy' }).click(),
  ]);
  const bytes = await readFile(await download.path());
  const { derived } = await web.api<RecordingItem>('/recordings/first');
  t.match(derived, [{ conversion: { kind: 'smaller', height: 360, quality: 'medium' } }]);
  t.equal(createHash('sha256').update(bytes).digest('hex'), derived[0]?.sha256);
  await downloads.getByRole('button', { name: 'Close' }).click();
});

t.test('a conversion is cancelled; one that fails says why until it is dismissed', async (t) => {
  const row = page.locator('[data-recording="second"]');
  const begin = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Convert second' }).click();
    const dialog = page.getByRole('dialog', { name: 'Convert second' });
    await dialog.getByRole('button', { name: 'Convert' }).click();
  };
  await begin();
  await row.getByRole('button', { name: /^Cancel/ }).click();
  await row.locator('.job').waitFor({ state: 'detached' });
  t.same((await web.api<RecordingItem>('/recordings/second')).derived, []);

  const video = join(web.folder, 'recordings', 'second', 'second_0000.mp4');
  const whole = await readFile(video);
  await writeFile(video, 'nothing to be seen');
  await begin();
  await row.getByText('The video cannot be converted').waitFor();
  await row.getByRole('button', { name: /^Dismiss/ }).click();
  await row.locator('.job').waitFor({ state: 'detached' });
  await writeFile(video, whole);
});

t.test('all are downloaded as one archive, and converted at once', async (t) => {
  await page.getByLabel('Select first').check();
  await page.getByText('1 selected').waitFor();
  await page.locator('#select-all').check();
  await page.getByText('2 selected').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.selection').getByRole('link').click(),
  ]);
  const archive = join(tools, 'recordings.tar');
  await download.saveAs(archive);
  await run('tar', ['-xf', archive], { cwd: tools });
  const originals = join(web.folder, 'recordings');
  await run('diff', [
    '--recursive',
    '--exclude=.*',
    join(originals, 'first'),
    join(tools, 'first'),
  ]);
  t.same(
    (await readdir(join(tools, 'second'))).sort(),
    ['second.json', 'second_0000.frames.csv', 'second_0000.mp4'],
    'each with its certificate',
  );

  await page.locator('.selection').getByRole('button', { name: 'Convert' }).click();
  const dialog = page.getByRole('dialog', { name: 'Convert 2 recordings' });
  await dialog.getByRole('radio', { name: /Time-lapse/ }).check();
  await dialog.getByLabel('One frame of').fill('10');
  await dialog.getByRole('button', { name: 'Convert' }).click();
  await until(async () => {
    const { items } = await web.api<{ items: RecordingItem[] }>('/recordings');
    return items.every(({ derived }) =>
      derived.some(({ conversion }) => conversion.kind === 'time-lapse' && conversion.every === 10),
    );
  }, 'both are converted');
  t.same(web.faults, []);
});

t.test('three hundred names make archives whose addresses the server takes', async (t) => {
  const contents = `export * from './archive-urls';`;
  const stdin = { contents, resolveDir: 'web/src' };
  const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', write: false });
  const script = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  const { archiveUrls } = (await import(`data:text/javascript;base64,${script}`)) as {
    archiveUrls: (names: string[]) => string[];
  };
  const names = Array.from({ length: 300 }, (_, i) => `cage3_20261122_${100_000 + i}`);
  const urls = archiveUrls(names);
  t.ok(urls.length > 1);
  t.same(
    urls.flatMap((url) => url.split('names=')[1]?.split(',') ?? []),
    names,
    'each name once',
  );
  for (const url of urls) {
    const answer = await fetch(`http://127.0.0.1:${web.port}${url}`);
    t.match(await answer.json(), { code: 'not-found' }, 'read, and the first is not there');
  }
});
