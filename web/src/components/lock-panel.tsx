import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { decimal } from '../format';
import { t } from '../i18n';
import { controlName, controlUnit } from '../i18n/server';
import { canLock, convergedValues, drifts, isLocked, lockValues, unlockValues } from '../lock';
import { store } from '../state';
import { useStore } from '../store';
import type { ControlInfo, ControlValue, Measured } from '../types';

interface LockPanelProps {
  controls: ControlInfo[];
  onSet: (values: Record<string, ControlValue>) => Promise<void>;
}

/** Lets the camera settle, then holds exposure, gain, colours and focus as they are. */
export function LockPanel({ controls, onSet }: LockPanelProps): JSX.Element | null {
  const measured = useStore(store, (state) => state.status?.measured ?? null);
  const [busy, setBusy] = useState(false);
  if (!canLock(controls)) return null;
  const locked = isLocked(controls);

  const toggle = async (): Promise<void> => {
    setBusy(true);
    if (locked) await onSet(unlockValues(controls));
    else {
      const settled = await convergedValues().catch(() => null);
      if (settled) await onSet(lockValues(controls, settled));
    }
    setBusy(false);
  };
  return (
    <section class="lock" aria-labelledby="lock-title">
      <h3 id="lock-title">{t.lock.title}</h3>
      <p class="hint">{t.lock.hint}</p>
      <p id="lock-state" role="status">
        {busy ? t.lock.settling : locked ? t.lock.locked : t.lock.automatic}
      </p>
      {locked && measured && <DriftTable controls={controls} measured={measured} />}
      <button type="button" id="lock" disabled={busy} onClick={() => void toggle()}>
        {locked ? t.lock.unlock : t.lock.lock}
      </button>
    </section>
  );
}

/** More than this and the videos before and after are not alike. */
const alarmShare = 0.01;

function DriftTable(props: { controls: ControlInfo[]; measured: Measured }): JSX.Element {
  return (
    <table class="drift">
      <thead>
        <tr>
          <th scope="col">{t.lock.value}</th>
          <th scope="col">{t.lock.lockedAt}</th>
          <th scope="col">{t.lock.now}</th>
          <th scope="col">{t.lock.drift}</th>
        </tr>
      </thead>
      <tbody>
        {drifts(props.controls, props.measured).map(({ id, unit, locked, now }, i) => {
          const share = locked === 0 ? 0 : now / locked - 1;
          return (
            <tr key={i} class={Math.abs(share) > alarmShare ? 'alarm' : ''}>
              <th scope="row">{controlName(id)}</th>
              <td>
                {short(locked)} {controlUnit(unit)}
              </td>
              <td>
                {short(now)} {controlUnit(unit)}
              </td>
              <td>{decimal(share * 100, 1)} %</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function short(value: number): string {
  return decimal(value, Math.abs(value) < 100 ? 2 : 0);
}
