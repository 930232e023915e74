import { count } from './format';
import { t } from './i18n';
import { problemTitle } from './i18n/server';
import { remedyFor } from './remedies';
import { ReconnectingSocket } from './socket';
import { addNotice } from './state';
import type { MonitorEvent, ProblemJson, Stage } from './types';

/** Follows /events: errors and losses become notices, the rest tells who asked what has changed. */
export function followEvents(onChange: (type: MonitorEvent['type']) => void): ReconnectingSocket {
  let last: number | null = null;
  const socket = new ReconnectingSocket({
    // What happened while this page was away is asked for; what was before it opened is not.
    path: () => `/api/v1/events${last === null ? '' : `?since=${last}`}`,
    onMessage: (data) => {
      if (typeof data !== 'string') return;
      const event = JSON.parse(data) as MonitorEvent;
      last = event.id;
      note(event);
      onChange(event.type);
    },
    onState: (state) => {
      // Whatever was missed for good is in the status and the list.
      if (state === 'open') onChange('state');
    },
  });
  return socket;
}

function note({ type, wallUs, data }: MonitorEvent): void {
  if (type === 'error') {
    const problem = data as unknown as ProblemJson;
    const { code, detail } = problem;
    addNotice({ wallUs, title: problemTitle(problem), detail, remedy: remedyFor(code) });
  } else if (type === 'loss') {
    const { stage, frames } = data as unknown as { stage: Stage; frames: number };
    const title = t.errors.lost(frames, count(frames), t.readouts.stages[stage]);
    addNotice({ wallUs, title, detail: t.errors.lossMeaning[stage], remedy: null });
  }
}
