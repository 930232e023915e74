import type { JSX } from 'preact';
import { bytes, clockTime, count, timeOfDay } from '../format';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';
import type { RecordingStatus } from '../types';
import { useTick } from '../use-tick';

/** The running recording's time by the sensor's clock: the wall clock may be set meanwhile. */
export function Elapsed({ id }: { id?: string }): JSX.Element {
  const status = useStore(store, (state) => state.status);
  const statusAt = useStore(store, (state) => state.statusAt);
  const reachable = useStore(store, (state) => state.reachable);
  const now = useTick(200);
  const recording = status?.recording;
  const { firstSensorNs = null, lastSensorNs = null } = recording ?? {};
  const recordedNs =
    firstSensorNs === null || lastSensorNs === null ? 0 : lastSensorNs - firstSensorNs;
  // Between two answers the time goes on here; without answers nobody knows, and it stands still.
  const since = reachable === true && status?.state === 'recording' ? (now - statusAt) / 1000 : 0;
  return (
    <time id={id} class="elapsed" role="timer" aria-label={t.record.elapsed}>
      {clockTime(recordedNs / 1e9 + since)}
    </time>
  );
}

export function Running({ recording }: { recording: RecordingStatus }): JSX.Element {
  const old = useStore(store, (state) => state.reachable) === false;
  const { name, startedWallUs, startAtWallUs } = recording;
  if (startedWallUs === null && startAtWallUs !== null) {
    return (
      <p class={`running ${old ? 'old' : ''}`}>
        <strong>{name}</strong>
        <span>{t.record.beginsAt(timeOfDay(startAtWallUs))}</span>
      </p>
    );
  }
  return (
    <p class={`running ${old ? 'old' : ''}`}>
      <strong>{name}</strong>
      <span>
        {t.record.running(count(recording.frames), bytes(recording.bytes))}
        {recording.endsAt !== null && `, ${t.record.endsAt(timeOfDay(recording.endsAt))}`}
      </span>
    </p>
  );
}
