import { count } from './format';
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
    const { code, title, detail } = data as unknown as ProblemJson;
    addNotice({ wallUs, title, detail, remedy: remedyFor(code) });
  } else if (type === 'loss') {
    const { stage, frames } = data as unknown as { stage: Stage; frames: number };
    const title = `${count(frames)} ${frames === 1 ? 'frame' : 'frames'} lost at the ${stage}`;
    addNotice({ wallUs, title, detail: lossMeaning[stage], remedy: null });
  }
}

/** Where to look, for each stage at which a frame can be lost. */
const lossMeaning: Record<Stage, string> = {
  sensor: 'The camera did not deliver them.',
  source: 'The machine did not take them from the camera in time: it is too busy.',
  encoder:
    'The encoder did not keep up: lower the frame rate or the size, or choose a faster preset.',
  writer: 'The disk did not keep up, or failed.',
};
