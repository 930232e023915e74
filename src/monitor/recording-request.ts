import { parseDuration } from '../config/duration.js';
import type { RecordingRequest } from '../native.js';
import type { Begin } from './active-recording.js';
import { encoderRequest } from './encoder-request.js';

/** A recording as configured, in the addon's units. */
export function recordingRequest(
  { settings, durationMs, continues }: Begin,
  place: { folder: string; name: string; firstSegment: number },
): RecordingRequest {
  const { container, segmentDuration, segmentSize } = settings.recording;
  return {
    ...place,
    firstFrame: continues?.frames?.written ?? 0,
    container,
    numbered: true,
    segmentMs: unlessEndless(parseDuration(segmentDuration) ?? Infinity),
    segmentBytes: segmentSize * 1e6,
    encoder: encoderRequest(settings),
    maxDurationMs: unlessEndless(durationMs),
  };
}

/** The addon's word for no limit is 0. */
function unlessEndless(ms: number): number {
  return Number.isFinite(ms) ? ms : 0;
}
