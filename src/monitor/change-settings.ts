import { checkRemotePatch, fieldNeedingRestart, type ConfigPatch } from '../config/config.js';
import type { Config } from '../config/schema.js';
import type { ConfigStore } from '../config/store.js';
import { Problem } from '../errors.js';
import type { Camera } from './camera.js';
import { encoderChangesLive } from './encoder-request.js';
import type { Recorder } from './recorder.js';

/**
 * Merges a patch from the network into the configuration, and restarts the camera where that is
 * needed. Where the camera refuses, the configuration from before holds again, in the file too.
 * A recording that runs refuses what restarts the camera, and takes over what its encoder can.
 */
export async function changeSettings(
  patch: ConfigPatch,
  store: ConfigStore,
  camera: Camera,
  recorder: Recorder,
): Promise<Config> {
  checkRemotePatch(patch);
  const before = store.current;
  const after = store.preview(patch);
  const field = fieldNeedingRestart(before, after);
  const reopen = field !== null || ('camera' in patch && camera.state !== 'running');
  if (reopen && recorder.running !== null) throw needsRestart(field ?? 'camera');
  const takeBack = await store.apply(patch);
  if (encoderChangesLive(before, after)) await recorder.applySettings(after);
  if (preRollChanges(before, after)) await camera.setPreRoll(after);
  if (!reopen) return after;
  try {
    await camera.open(after);
  } catch (error) {
    try {
      await takeBack();
    } finally {
      await camera.open(before).catch(() => undefined); // told where it happens
    }
    throw error;
  }
  return after;
}

/** The pre-roll is encoded as a recording would be. */
function preRollChanges(before: Config, after: Config): boolean {
  const { preRoll } = after.recording;
  if (preRoll !== before.recording.preRoll) return true;
  return preRoll > 0 && JSON.stringify(before.encoder) !== JSON.stringify(after.encoder);
}

function needsRestart(field: string): Problem {
  return new Problem(
    'needs-restart',
    `${field} restarts the camera: stop the recording first.`,
    field,
  );
}
