import { useEffect, useState } from 'preact/hooks';
import { asProblem, call } from './api';
import type { Problem } from './api';
import { store } from './state';
import { useStore } from './store';
import type { ScheduleView, ScheduleWish } from './types';

/** What is next changes by itself. */
const everyMs = 60_000;

export interface ScheduleClient {
  /** Null until the monitor has answered. */
  view: ScheduleView | null;
  problem: Problem | null;
  /** Each resolves with whether it was done; what went wrong is in `problem`. */
  add: (wish: ScheduleWish) => Promise<boolean>;
  change: (id: string, change: { enabled?: boolean; skipUntil?: null }) => Promise<boolean>;
  remove: (id: string) => Promise<boolean>;
  setTimeZone: (timeZone: string) => Promise<boolean>;
}

/** The schedule as the monitor has it: asked for again with each recording, and every minute. */
export function useSchedule(): ScheduleClient {
  const [view, setView] = useState<ScheduleView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const recording = useStore(store, (state) => state.status?.recording?.name ?? null);
  const reachable = useStore(store, (state) => state.reachable);

  const refresh = async (): Promise<void> => {
    setView(await call<ScheduleView>('GET', '/schedule'));
  };
  useEffect(() => {
    if (reachable !== true) return;
    const ask = (): void => void refresh().catch(() => undefined); // the page says it is unreachable
    ask();
    const timer = setInterval(ask, everyMs);
    return () => clearInterval(timer);
  }, [recording, reachable]);

  const act = async (deed: () => Promise<unknown>): Promise<boolean> => {
    try {
      await deed();
      await refresh();
      setProblem(null);
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    }
  };
  return {
    view,
    problem,
    add: (wish) => act(() => call('POST', '/schedule', wish)),
    change: (id, change) => act(() => call('PATCH', `/schedule/${id}`, change)),
    remove: (id) => act(() => call('DELETE', `/schedule/${id}`)),
    setTimeZone: (timeZone) => act(() => call('PATCH', '/schedule', { timeZone })),
  };
}
