import type { DerivedFile } from '../media/derived.js';
import type { RecordingProgress } from '../native.js';
import type { Certificate } from './certificate.js';
import { withGrowth } from './segments.js';

/** What a list shows of a recording: its certificate without the long parts. */
export type RecordingItem = Pick<Certificate, 'name' | 'start' | 'stop' | 'frames' | 'losses'> &
  Pick<Certificate, 'metadata' | 'files' | 'transferred'> & {
    state: RecordingState;
    derived: DerivedFile[];
    /** Null while it runs. */
    verdict: Certificate['verdict'] | null;
  };

/** `repairing`: its files were never closed, and are being mended or wait for it. */
export type RecordingState = 'armed' | 'recording' | 'repairing' | 'ended';

export function itemOf(certificate: Certificate, state: RecordingState): RecordingItem {
  const { name, verdict, start, stop, frames, losses, metadata, files, derived, transferred } =
    certificate;
  return {
    name,
    state,
    verdict: state === 'recording' || state === 'armed' ? null : verdict,
    start,
    stop,
    frames,
    losses,
    metadata,
    files,
    derived: derived ?? [],
    ...(transferred !== undefined && { transferred }),
  };
}

/** The certificate of a recording that runs, with the figures as they stand. */
export function withProgress(certificate: Certificate, progress: RecordingProgress): Certificate {
  const { captured, encoded, written, losses, bytes } = progress;
  return {
    ...certificate,
    frames: { expected: captured + losses.sensor + losses.source, captured, encoded, written },
    losses,
    files: withGrowth(certificate.files, written, bytes),
  };
}
