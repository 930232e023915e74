import { toProblem } from '../errors.js';
import type { NativeEvent } from '../native.js';
import type { Camera } from './camera.js';
import type { CameraKeeper } from './camera-keeper.js';
import type { Notices } from './notices.js';
import type { Recorder } from './recorder.js';

/** Who has to do with what the addon tells. */
export interface EventReceivers {
  camera: Camera;
  keeper: CameraKeeper;
  recorder: Recorder;
  notices: Notices;
}

/** Takes each of the addon's events to those whom it concerns. */
export function receiveNativeEvent(event: NativeEvent, receivers: EventReceivers): void {
  const { recorder, notices } = receivers;
  switch (event.type) {
    case 'loss':
      notices.loss(event.stage, event.frames);
      break;
    case 'error':
      notices.error(toProblem(Object.assign(new Error(event.message), { code: event.code })));
      break;
    case 'recording-started':
      recorder.begun(event);
      break;
    case 'segment-opened':
      recorder.segment(event);
      break;
    case 'segment-closed':
      recorder.segment(event);
      notices.segmentClosed(event.recording, event.file);
      break;
    case 'file-hashed':
      void recorder.hashed(event);
      break;
    case 'recording-ended':
      void recorder.ended(event.summary);
      break;
    case 'camera-resumed':
      certifyGap(event, receivers);
      break;
    case 'camera-failed':
      receivers.keeper.failed(event.message, performance.now());
      break;
    case 'camera-lost':
      break; // the camera's own matter
  }
}

/** Frames were missed while the camera was restarted. */
function certifyGap(
  { frames, sensorNs }: Extract<NativeEvent, { type: 'camera-resumed' }>,
  { camera, keeper, recorder, notices }: EventReceivers,
): void {
  const { reason } = keeper;
  const running = recorder.running?.started == null ? null : recorder.running;
  notices.cameraResumed(running?.name ?? null, frames, reason);
  const before = running?.continues?.frames?.written ?? 0;
  const afterFrame = before + (camera.status()?.recording?.written ?? 0);
  const gap = { afterFrame, frames, stage: 'sensor', sensorNs, reason } as const;
  void recorder.amend((certificate) => ({
    ...certificate,
    gaps: [...certificate.gaps, gap],
  }));
}
