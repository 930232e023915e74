import { stat } from 'node:fs/promises';
import type { Config } from '../config/schema.js';
import type { RecordingStarted, RecordingSummary, Session } from '../native.js';
import type { Certificate, EndReason } from './certificate.js';

export interface Begin {
  session: Session;
  settings: Config;
  /** Who asked for it. */
  by: string;
  /** The wanted name; the recording may get it with a number behind. */
  name: string;
  /** From now or, where it is armed, from then on; Infinity: until stopped. */
  durationMs: number;
  /** Sensor time of the first frame it shall have; null: now. */
  startAtNs: number | null;
  /** A recording that was broken off, and goes on. */
  continues: Certificate | null;
  /** Throws where the disk has no room, or is another one. */
  checkDisk: () => Promise<void>;
  /** The certificate as it stands before the first frame, for the name the recording got. */
  certificate: (name: string) => Certificate;
}

/** A recording that runs, from before its first frame until its certificate is final. */
export interface Running {
  name: string;
  /** Who asked for it. */
  by: string;
  certificate: Certificate;
  /** Null until the first frame is through the gate. */
  started: RecordingStarted | null;
  /** Everything is ready for an instant that has not come. */
  armed: boolean;
  stopping: boolean;
  /** What was recorded before it was broken off; null where it was not. */
  continues: Certificate | null;
}

/** The recorder's own view of the recording that runs. */
export class ActiveRecording implements Running {
  name = '';
  /** What was to be written of the certificate is written. */
  saved = Promise.resolve();
  /** Set before anything native knows of the recording. */
  certificate!: Certificate;
  /** Which folder it is that the addon writes to; null where it was gone at once. */
  folder: string | null = null;
  started: RecordingStarted | null = null;
  armed = false;
  stopping = false;
  /** Whether it was the schedule that asked for the end. */
  bySchedule = false;
  begun: Promise<void> | null = null;
  /** Who waits for the next segment. */
  splits: ((segment: number | null) => void)[] = [];
  readonly session: Session;
  readonly by: string;
  continues: Certificate | null;
  /** Null where it was called off before its first frame, and nothing is left of it. */
  readonly final: Promise<Certificate | null>;
  resolveFinal!: (certificate: Certificate | null) => void;

  constructor({ session, continues, by }: Begin) {
    this.session = session;
    this.by = by;
    this.continues = continues;
    this.final = new Promise((resolve) => (this.resolveFinal = resolve));
  }
}

/** The addon knows nothing of a schedule: to it the end was asked for, or the time was over. */
export function endReason(active: ActiveRecording, { reason }: RecordingSummary): EndReason {
  const timeOver = reason === 'duration' && active.by === 'schedule';
  return timeOver || (reason === 'requested' && active.bySchedule) ? 'schedule' : reason;
}

/** Device and inode, which tell a file from another of the same name; null where there is none. */
export async function fileAt(path: string): Promise<string | null> {
  return stat(path).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => null,
  );
}
