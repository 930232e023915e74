import { chromium, type Browser, type Page } from 'playwright-core';
import { readStampFromRgba, type Stamp } from './stamp.js';

/** Debian's own Chromium, without anything that would ask the network for something. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The stamp in the picture that the page shows now, read from the canvas' own pixels; null where none is. */
export async function shownStamp(page: Page): Promise<Stamp | null> {
  const shown = await page.evaluate<{ width: number; pixels: number[] } | null>(`(() => {
    const canvas = document.querySelector('canvas#preview');
    if (!canvas) return null; // the page waits for its language
    const rows = Math.ceil((2 * canvas.width) / 80);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, rows);
    return { width: canvas.width, pixels: Array.from(data) };
  })()`);
  return shown && readStampFromRgba(shown.pixels, shown.width);
}

/** Waits until the page shows a frame later than `after`; returns its stamp. */
export async function laterStamp(page: Page, after: Stamp | null): Promise<Stamp> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline;) {
    const stamp = await shownStamp(page);
    if (stamp && stamp.sensorUs > (after?.sensorUs ?? 0)) return stamp;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`the page shows no frame later than ${JSON.stringify(after)}`);
}
