import type { Page } from 'playwright-core';

export interface ScrollCost {
  frames: number;
  fps: number;
  /** Of JavaScript, for one frame that is drawn while scrolling. */
  scriptMs: number;
  /** Of style and layout. */
  layoutMs: number;
}

const frames = 240;
const pixelsAFrame = 40;

/** Scrolls a page up and down, a step for each frame the browser draws, and asks Chromium what that took. */
export async function scrollCost(page: Page): Promise<ScrollCost> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const metrics = async (): Promise<Map<string, number>> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await metrics();
  const seconds = await page.evaluate<number>(`new Promise((resolve) => {
    const root = document.scrollingElement;
    const began = performance.now();
    let step = ${pixelsAFrame};
    let left = ${frames};
    const next = () => {
      if (root.scrollTop <= 0) step = ${pixelsAFrame};
      else if (root.scrollTop + root.clientHeight >= root.scrollHeight - 1) step = -${pixelsAFrame};
      root.scrollTop += step;
      if (--left > 0) requestAnimationFrame(next);
      else resolve((performance.now() - began) / 1000);
    };
    requestAnimationFrame(next);
  })`);
  const after = await metrics();
  const perFrame = (...names: string[]): number =>
    names.reduce((sum, name) => sum + (after.get(name) ?? 0) - (before.get(name) ?? 0), 0) *
    (1000 / frames);
  return {
    frames,
    fps: frames / seconds,
    scriptMs: perFrame('ScriptDuration'),
    layoutMs: perFrame('LayoutDuration', 'RecalcStyleDuration'),
  };
}
