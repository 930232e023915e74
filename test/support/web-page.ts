import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from './browser.js';
import { freePort, startMonitor, type MonitorProcess } from './monitor-process.js';

/** A real server with the synthetic camera, and a browser to look at its page. */
export interface WebTest {
  folder: string;
  port: number;
  /** To be replaced by a test that starts it anew. */
  monitor: MonitorProcess;
  browser: Browser;
  /** What no page may ever do: fail in a script, be refused by the policy, ask another host. */
  faults: string[];
  openPage: (options?: BrowserContextOptions) => Promise<Page>;
  api: <T>(path: string) => Promise<T>;
  close: () => Promise<void>;
}

export async function startWebTest(): Promise<WebTest> {
  const folder = await mkdtemp(join(tmpdir(), 'pi-monitor-web-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const browser = await launchBrowser();
  const faults: string[] = [];
  const test: WebTest = {
    folder,
    port,
    monitor: await startMonitor({ folder, port }),
    browser,
    faults,
    openPage: async (options) => {
      const viewport = { width: 1280, height: 800 };
      const context = await browser.newContext({ viewport, locale: 'en-GB', ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) faults.push(message.text());
      });
      page.on('request', (request) => {
        const url = new URL(request.url());
        const local = url.protocol === 'blob:' || url.protocol === 'data:';
        if (!local && url.host !== `127.0.0.1:${port}`) faults.push(request.url());
      });
      await page.goto(`${origin}/monitor.html`);
      return page;
    },
    api: async <T>(path: string): Promise<T> => {
      return (await (await fetch(`${origin}/api/v1${path}`)).json()) as T;
    },
    close: async () => {
      await browser.close();
      await test.monitor.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return test;
}

/** Opens the settings, and in them each group that is closed. */
export async function openSettings(page: Page): Promise<void> {
  await page.locator('#settings-toggle').click();
  await page.locator('[data-field="camera.fps"]').waitFor({ state: 'attached' });
  const closed = page.locator('#settings details:not([open]) > summary');
  while ((await closed.count()) > 0) await closed.first().click();
}
