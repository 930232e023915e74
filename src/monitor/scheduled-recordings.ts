import { bySchedule, type ScheduledRecordings } from '../schedule/scheduler.js';
import { beginRecording } from './begin-recording.js';
import type { Notices } from './notices.js';
import type { Recorder } from './recorder.js';
import type { Recovery } from './recovery.js';
import type { Starter } from './starter.js';

export interface ScheduledParts {
  recorder: Recorder;
  starter: Starter;
  recovery: Recovery;
  notices: Notices;
  /** Runs a task when no other touches the camera. */
  exclusively: <T>(task: () => Promise<T>) => Promise<T>;
}

/** The monitor's recordings as the schedule sees and begins them. */
export function scheduledRecordings(parts: ScheduledParts): ScheduledRecordings {
  const { recorder, starter, recovery, notices, exclusively } = parts;
  return {
    running: () => runningByWhom(recorder, recovery),
    start: (wish) =>
      exclusively(() => beginRecording({ ...wish, by: bySchedule }, starter, notices)),
    stop: () => recorder.stop('schedule'),
    onTrouble: (problem) => notices.error(problem),
    now: Date.now,
  };
}

function runningByWhom(
  { running }: Recorder,
  { pending }: Recovery,
): ReturnType<ScheduledRecordings['running']> {
  if (pending !== null) return { name: pending.name, by: pending.start.by, busy: true };
  if (running === null) return null;
  const busy = running.started === null || running.stopping;
  return { name: running.name, by: running.by, busy };
}
