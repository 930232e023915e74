import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { asProblem, call } from '../api';
import type { Problem } from '../api';
import { t } from '../i18n';
import { NewestSender } from '../newest-sender';
import { store } from '../state';
import { useStore } from '../store';
import type { ControlInfo, ControlValue } from '../types';
import { LockPanel } from './lock-panel';
import { regionControl } from './region-tool';
import { ControlField } from './control-field';
import { Group } from './group';

/** A slider is felt as live at this pace, and the camera sees at most one change each frame or two. */
const sendEveryMs = 60;

type Values = Record<string, ControlValue>;

/** What the camera offers, set at once. */
export function CameraControls(): JSX.Element {
  const camera = useStore(store, (state) => state.status?.camera?.id ?? null);
  const reachable = useStore(store, (state) => state.reachable);
  const applied = useStore(store, (state) => state.settingsApplied);
  const [controls, setControls] = useState<ControlInfo[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);

  const exchange = async (deed: () => Promise<{ items: ControlInfo[] }>): Promise<void> => {
    try {
      setControls((await deed()).items);
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  const sender = useMemo(
    () =>
      new NewestSender<Values>((v) => exchange(() => call('PATCH', '/controls', v)), sendEveryMs),
    [],
  );
  useEffect(() => void exchange(() => call('GET', '/controls')), [camera, applied, reachable]);

  const defaults = Object.fromEntries(controls.map((control) => [control.id, control.default]));
  return (
    <Group id="controls" title={t.settings.controls} class="controls" open>
      <p class="hint">{t.settings.controlsHint}</p>
      <LockPanel
        controls={controls}
        onSet={(values) => exchange(() => call('PATCH', '/controls', values))}
      />
      {controls.some(({ id }) => id === regionControl) && (
        <button
          type="button"
          id="draw-region"
          onClick={() => store.update({ drawingRegion: true })}
        >
          {t.region.draw}
        </button>
      )}
      {controls.map((control) => (
        <ControlField
          key={control.id}
          control={control}
          problem={problem?.field === `controls.${control.id}` ? problem : null}
          onChange={(value) => sender.push({ [control.id]: value })}
        />
      ))}
      {controls.length === 0 && !problem && <p class="quiet">{t.settings.noControls}</p>}
      {problem && !problem.field?.startsWith('controls.') && (
        <p class="problem" role="alert">
          {problem.detail}
        </p>
      )}
      {controls.length > 0 && (
        <button type="button" id="reset-controls" onClick={() => sender.push(defaults)}>
          {t.settings.resetControls}
        </button>
      )}
    </Group>
  );
}
