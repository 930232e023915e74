import { asProblem, call } from './api';
import { refreshRecordings, report } from './monitor-client';
import type { Problem } from './api';
import { store } from './state';
import type { ConversionWish, Job } from './types';

/** Progress is asked for: the events tell a job's states only. */
const everyMs = 1000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Brings the list of conversions up to date, and keeps it so while one is under way. */
export async function refreshJobs(): Promise<void> {
  clearTimeout(timer);
  try {
    const { items } = await call<{ items: Job[] }>('GET', '/jobs');
    store.update({ jobs: items });
  } catch (error) {
    if (asProblem(error).code !== 'unreachable') report(asProblem(error));
  }
  if (store.get().jobs.some(isOpen)) timer = setTimeout(() => void refreshJobs(), everyMs);
}

export function isOpen({ state }: Job): boolean {
  return state === 'queued' || state === 'running';
}

/** Returns the problem, or null. */
export function convert(recordings: string[], wish: ConversionWish): Promise<Problem | null> {
  return attempt(() => call('POST', '/jobs', { ...wish, recordings }));
}

/** Cancels one that is under way; takes one that has ended from the list. */
export function removeJob({ id }: Job): Promise<Problem | null> {
  return attempt(() => call('DELETE', `/jobs/${id}`));
}

async function attempt(deed: () => Promise<unknown>): Promise<Problem | null> {
  let problem: Problem | null = null;
  try {
    await deed();
  } catch (error) {
    problem = asProblem(error);
    report(problem);
  }
  await Promise.all([refreshJobs(), refreshRecordings()]);
  return problem;
}
