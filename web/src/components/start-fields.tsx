import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import type { Problem } from '../api';
import { t } from '../i18n';
import { valueAt } from '../schema';
import type { StartWish } from '../start-wish';
import { store } from '../state';
import { useStore } from '../store';
import { CloseIcon } from './icons';

interface StartFieldsProps {
  wish: StartWish;
  problem: Problem | null;
  onChange: (wish: StartWish) => void;
}

/** What may be said before a recording; where name and duration stay empty, what is configured holds. */
export function StartFields({ wish, problem, onChange }: StartFieldsProps): JSX.Element {
  const config = useConfig();
  const configured = (path: string): string | null => {
    const value = valueAt(config, path);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const set = (change: Partial<StartWish>): void => onChange({ ...wish, ...change });
  const common = { wish, problem, onChange: set };
  return (
    <div class="start-fields">
      <TextField
        {...common}
        name="name"
        label={t.record.name}
        placeholder={configured('recording.nameTemplate') ?? t.record.namePlaceholder}
      />
      <TextField
        {...common}
        name="duration"
        label={t.record.duration}
        placeholder={configured('recording.duration') ?? t.record.durationPlaceholder}
        title="90s, 15m, 2h"
      />
      <TextField {...common} name="subject" label={t.record.subject} />
      <TextField {...common} name="session" label={t.record.session} />
      <OwnFields wish={wish} onChange={set} />
    </div>
  );
}

type TextName = 'name' | 'duration' | 'subject' | 'session';

interface TextFieldProps {
  name: TextName;
  label: string;
  wish: StartWish;
  problem: Problem | null;
  placeholder?: string;
  title?: string;
  onChange: (change: Partial<StartWish>) => void;
}

function TextField({
  name,
  label,
  wish,
  problem,
  onChange,
  ...input
}: TextFieldProps): JSX.Element {
  const refused = problem?.field === name || problem?.field === `metadata.${name}`;
  return (
    <label>
      {label}
      <input
        {...input}
        name={name}
        autocomplete="off"
        value={wish[name]}
        aria-invalid={refused}
        aria-describedby={`${name}-problem`}
        onInput={(event) => onChange({ [name]: event.currentTarget.value })}
      />
      {refused && (
        <small id={`${name}-problem`} class="problem" role="alert">
          {problem.detail}
        </small>
      )}
    </label>
  );
}

interface OwnFieldsProps {
  wish: StartWish;
  onChange: (change: Partial<StartWish>) => void;
}

/** Metadata under the person's own names, kept in the certificate. */
function OwnFields({ wish: { own }, onChange }: OwnFieldsProps): JSX.Element {
  const change = (at: number, part: { key?: string; value?: string }): void =>
    onChange({ own: own.map((field, i) => (i === at ? { ...field, ...part } : field)) });
  return (
    <div class="own-fields">
      {own.map(({ key, value }, at) => (
        <div key={at} class="own-field">
          <input
            aria-label={t.record.ownName}
            placeholder={t.record.ownName}
            autocomplete="off"
            value={key}
            onInput={(event) => change(at, { key: event.currentTarget.value })}
          />
          <input
            aria-label={t.record.ownValue}
            placeholder={t.record.ownValue}
            autocomplete="off"
            value={value}
            onInput={(event) => change(at, { value: event.currentTarget.value })}
          />
          <button
            type="button"
            class="square"
            aria-label={t.record.ownRemove(key)}
            onClick={() => onChange({ own: own.filter((_, i) => i !== at) })}
          >
            <CloseIcon />
          </button>
        </div>
      ))}
      <button
        type="button"
        id="add-field"
        onClick={() => onChange({ own: [...own, { key: '', value: '' }] })}
      >
        {t.record.ownAdd}
      </button>
    </div>
  );
}

/** The configuration, asked for again when settings were applied and when the monitor is back. */
function useConfig(): unknown {
  const [config, setConfig] = useState<unknown>({});
  const applied = useStore(store, (state) => state.settingsApplied);
  const reachable = useStore(store, (state) => state.reachable);
  useEffect(() => {
    // Without an answer the last one stays: that the monitor is silent is said elsewhere.
    if (reachable) call<unknown>('GET', '/config').then(setConfig, () => undefined);
  }, [applied, reachable]);
  return config;
}
