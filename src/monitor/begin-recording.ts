import type { Notices } from './notices.js';
import type { RecordingWish, Starter } from './starter.js';

/** What is told of a recording that has begun or, for a later instant, is armed. */
export interface StartedRecording {
  name: string;
  state: 'recording' | 'armed';
  /** Null until the first frame is there. */
  firstSensorNs: number | null;
  firstWallUs: number | null;
  /** Null where it was to begin at once. */
  startAtWallUs: number | null;
}

/**
 * Begins a recording, whoever asked for it; to be called when no other task touches the camera.
 * Resolves once the first frame is through the gate or, for a later instant, all is ready.
 */
export async function beginRecording(
  wish: RecordingWish,
  starter: Starter,
  notices: Notices,
): Promise<StartedRecording> {
  const { name, started, certificate } = await starter.start(wish);
  const startAtWallUs = certificate.start.at?.wallUs ?? null;
  if (started === null && startAtWallUs !== null) notices.recordingArmed(name, startAtWallUs);
  return {
    name,
    state: started === null ? 'armed' : 'recording',
    firstSensorNs: started?.firstSensorNs ?? null,
    firstWallUs: started?.firstWallUs ?? null,
    startAtWallUs,
  };
}
