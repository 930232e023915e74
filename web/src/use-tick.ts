import { useEffect, useState } from 'preact/hooks';

/** Draws the component again every so often, for what depends on the time; returns performance.now(). */
export function useTick(everyMs: number): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
