import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, call } from '../api';
import type { Problem } from '../api';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import type { MonitorView } from './types';

/** Pairs with a monitor by the code its page shows, or forgets the pairing on this side. */
export function PairForm({ id }: { id: string }): JSX.Element | null {
  const [monitor, setMonitor] = useState<MonitorView | null>(null);
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const path = `/monitors/${encodeURIComponent(id)}`;
  const attempt = async (deed: () => Promise<MonitorView>): Promise<void> => {
    setBusy(true);
    try {
      setMonitor(await deed());
      setProblem(null);
      setCode('');
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  useEffect(() => void attempt(() => call<MonitorView>('GET', path)), [path]);
  if (monitor === null) return null;
  const { paired, unproved } = monitor;
  return (
    <form
      class="pair-form"
      aria-label={t.controller.pairing}
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(() => call<MonitorView>('POST', `${path}/pairing`, { code }));
      }}
    >
      <p role="status">{paired ? t.controller.paired : t.controller.notPaired}</p>
      {unproved.length > 0 && (
        <p class="problem" role="alert">
          {t.controller.unproved(unproved.join(', '))}
        </p>
      )}
      <div class="add-monitor">
        <label>
          {t.controller.code}
          <input
            class="code"
            value={code}
            inputMode="numeric"
            pattern="[0-9]{8}"
            placeholder={t.controller.codeHint}
            autocomplete="off"
            required
            onInput={(event) => setCode(event.currentTarget.value.replace(/\D/g, ''))}
          />
        </label>
        <button type="submit" class="pair" disabled={busy}>
          {t.controller.pair}
        </button>
        {paired && (
          <button
            type="button"
            disabled={busy}
            onClick={() => void attempt(() => call<MonitorView>('DELETE', `${path}/pairing`))}
          >
            {t.controller.forget}
          </button>
        )}
      </div>
      {problem && (
        <p class="problem" role="alert">
          {problemTitle(problem)}. {problem.detail}
        </p>
      )}
    </form>
  );
}
