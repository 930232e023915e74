import { asProblem, call } from './api';
import type { Problem } from './api';
import { followEvents } from './events';
import { refreshJobs } from './jobs';
import { problemTitle } from './i18n/server';
import { remedyFor } from './remedies';
import { refreshSession } from './session';
import { addNotice, store } from './state';
import { recordingBody } from './start-wish';
import type { StartWish } from './start-wish';
import type { Note, RecordingItem, Status } from './types';

const statusEveryMs = 1000;
/** An answer from memory on a local network: later than this the monitor is as good as gone. */
const statusPatienceMs = 4000;

let following = false;

/** Asks who this browser is, for the status each second, follows the events, and keeps the list of recordings fresh. */
export function followMonitor(): void {
  void refreshSession();
  if (following) return; // signed in again
  following = true;
  const events = followEvents((type) => {
    if (type === 'job' || type === 'state' || type === 'gap') void refreshJobs();
    if (type === 'job' || type === 'recording' || type === 'state' || type === 'gap')
      void refreshRecordings();
  });
  const poll = async (): Promise<void> => {
    const before = store.get().reachable;
    await refreshStatus();
    // A connection whose other end vanished without a word still looks open: take a new one.
    if (before === false && store.get().reachable) {
      events.open();
      void refreshSession(); // it may have a password now
    }
    setTimeout(() => void poll(), statusEveryMs);
  };
  events.open();
  void poll();
}

async function refreshStatus(): Promise<void> {
  try {
    const status = await call<Status>('GET', '/status', undefined, statusPatienceMs);
    store.update({ status, statusAt: performance.now(), reachable: true });
  } catch (error) {
    const locked = asProblem(error).code === 'unauthorised';
    store.update(locked ? { session: { open: false, role: null } } : { reachable: false });
  }
}

export async function refreshRecordings(): Promise<void> {
  try {
    const { items } = await call<{ items: RecordingItem[] }>('GET', '/recordings');
    store.update({ recordings: items });
  } catch (error) {
    if (asProblem(error).code !== 'unreachable') report(asProblem(error));
  }
}

/** Empty fields are left to the monitor. Returns the problem, or null. */
export function startRecording(wish: StartWish): Promise<Problem | null> {
  return act(() => call('POST', '/recording', recordingBody(wish)));
}

/** Of what was seen `agoMs` ago; null where it was refused. */
export async function takeNote(text: string, agoMs: number): Promise<Note | null> {
  let note: Note | null = null;
  await act(async () => {
    // By the monitor's clock: this device's may be another.
    const { wallUs } = await call<{ wallUs: number }>('GET', '/clock');
    const at = Math.round(wallUs - agoMs * 1000);
    note = await call<Note>('POST', '/recording/notes', { text, at });
  });
  return note;
}

export function stopRecording(): Promise<Problem | null> {
  return act(() => call('DELETE', '/recording'));
}

export function removeRecording(name: string): Promise<Problem | null> {
  const path = encodeURIComponent(name);
  return act(() => call('DELETE', `/recordings/${path}?confirm=${path}`));
}

/** Does it, then shows what has become of the monitor. */
async function act(deed: () => Promise<unknown>): Promise<Problem | null> {
  let problem: Problem | null = null;
  try {
    await deed();
  } catch (error) {
    problem = asProblem(error);
    report(problem);
  }
  await Promise.all([refreshStatus(), refreshRecordings()]);
  return problem;
}

/** A line at the bottom. What failed inside the monitor (5xx) is told to all pages by an event. */
export function report(problem: Problem): void {
  if (problem.status >= 500) return;
  const { detail, code } = problem;
  const title = problemTitle(problem);
  addNotice({ wallUs: Date.now() * 1000, title, detail, remedy: remedyFor(code) });
}
