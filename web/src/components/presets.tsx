import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, call } from '../api';
import type { Problem } from '../api';
import { t } from '../i18n';
import { controlName, problemTitle } from '../i18n/server';
import { noteSettingsApplied } from '../state';
import type { AppliedPreset, Preset } from '../types';
import { Confirmation } from './confirmation';
import { Group } from './group';

/** Settings under a name, kept by the monitor; as files they go from one monitor to another. */
export function Presets(): JSX.Element {
  const [presets, setPresets] = useState<Preset[]>([]);
  const [name, setName] = useState('');
  const [outcome, setOutcome] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [doomed, setDoomed] = useState<string | null>(null);

  const attempt = async (deed: () => Promise<string>): Promise<void> => {
    try {
      setOutcome('');
      setOutcome(await deed());
      setProblem(null);
      setPresets((await call<{ items: Preset[] }>('GET', '/presets')).items);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  useEffect(() => void attempt(() => Promise.resolve('')), []);

  const save = (content: Pick<Preset, 'name'>): Promise<void> =>
    attempt(async () => {
      const saved = await call<Preset>('POST', '/presets', content);
      setName('');
      return t.presets.saved(saved.name);
    });
  const apply = (preset: string): Promise<void> =>
    attempt(async () => {
      const path = `/presets/${encodeURIComponent(preset)}/apply`;
      const { skipped } = await call<AppliedPreset>('POST', path);
      noteSettingsApplied();
      if (skipped.length === 0) return t.settings.applied;
      return t.presets.skipped(skipped.map(controlName).join(', '));
    });
  const remove = (preset: string): Promise<void> =>
    attempt(async () => {
      await call('DELETE', `/presets/${encodeURIComponent(preset)}`);
      return t.presets.removed(preset);
    });
  const importFile = (file: File | undefined): Promise<void> =>
    attempt(async () => {
      const { name, config, controls } = JSON.parse((await file?.text()) ?? '') as Preset;
      const saved = await call<Preset>('POST', '/presets', { name, config, controls });
      return t.presets.saved(saved.name);
    });

  const taken = presets.some((preset) => preset.name === name.trim());
  return (
    <Group id="presets" title={t.presets.title} class="presets">
      <p class="hint">{t.presets.hint}</p>
      <ul>
        {presets.map((preset) => (
          <li key={preset.name}>
            <strong>{preset.name}</strong>
            <span class="deeds">
              <button
                type="button"
                aria-label={t.presets.applyName(preset.name)}
                onClick={() => void apply(preset.name)}
              >
                {t.settings.apply}
              </button>
              <a
                class="button"
                href={exported(preset)}
                download={`${preset.name}.preset.json`}
                aria-label={t.presets.exportName(preset.name)}
              >
                {t.presets.export}
              </a>
              <button
                type="button"
                aria-label={t.files.removeName(preset.name)}
                onClick={() => setDoomed(preset.name)}
              >
                {t.files.remove}
              </button>
            </span>
          </li>
        ))}
      </ul>
      <form
        class="preset-new"
        onSubmit={(event) => {
          event.preventDefault();
          void save({ name: name.trim() });
        }}
      >
        <input
          id="preset-name"
          aria-label={t.presets.name}
          placeholder={t.presets.name}
          autocomplete="off"
          maxLength={60}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" disabled={name.trim() === ''}>
          {taken ? t.presets.replace : t.presets.save}
        </button>
      </form>
      <label class="button">
        {t.presets.import}
        <input
          type="file"
          class="unseen"
          accept="application/json,.json"
          onChange={(event) => {
            void importFile(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
      </label>
      <p role="status">{outcome}</p>
      {problem && (
        <p class="problem" role="alert">
          {problemTitle(problem)}. {problem.detail}
        </p>
      )}
      {doomed !== null && (
        <Confirmation
          title={t.files.removeTitle(doomed)}
          yes={t.files.remove}
          no={t.files.removeNo}
          onYes={() => remove(doomed)}
          onClose={() => setDoomed(null)}
        >
          <p>{t.presets.removeText}</p>
        </Confirmation>
      )}
    </Group>
  );
}

function exported({ name, config, controls }: Preset): string {
  const text = JSON.stringify({ name, config, controls }, null, 2);
  return `data:application/json,${encodeURIComponent(text)}`;
}
