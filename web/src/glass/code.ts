/** How often the patch changes in one measurement. */
export const flipCount = 20;

/**
 * At most three changes within any second, which is one and a half flashes: more than three flashes
 * a second can set off a seizure (WCAG 2.3.1).
 */
const shortestMs = 350;
const longestMs = 850;

/** How long the patch is black before it first changes: the camera's exposure settles on it. */
export const leadMs = 1000;

/** Until the next change. By chance, so that the code resembles itself at no other delay. */
export function nextIntervalMs(random = Math.random): number {
  return shortestMs + random() * (longestMs - shortestMs);
}
