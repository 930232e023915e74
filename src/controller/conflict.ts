import type { MonitorLink } from './monitor-link.js';

/**
 * Whether two machines answer with one id. One machine with two addresses is no conflict: it says at
 * both which run of its program it is. After a restart one address may know of the new run before the
 * other; so each must have answered since the other's run is known. Two on one broker its link finds out.
 */
export function isConflict(links: readonly MonitorLink[]): boolean {
  if (links.some(({ problem }) => problem?.code === 'identity-conflict')) return true;
  const alive = links.flatMap(({ reachable, heard }) => (reachable && heard ? [heard] : []));
  return alive.some((one, i) =>
    alive
      .slice(i + 1)
      .some(
        (other) =>
          one.run !== other.run && one.atMs > other.runSinceMs && other.atMs > one.runSinceMs,
      ),
  );
}
