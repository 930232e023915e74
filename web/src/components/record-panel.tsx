import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../api';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { startRecording, stopRecording } from '../monitor-client';
import { emptyWish, toldAtField } from '../start-wish';
import type { StartWish } from '../start-wish';
import { store } from '../state';
import { useStore } from '../store';
import { Confirmation } from './confirmation';
import { Forecast } from './forecast';
import { NoteForm } from './note-form';
import { Elapsed, Running } from './running';
import { StartFields } from './start-fields';

/**
 * The one button that matters, and the time, which never leave the screen; and what belongs to the
 * recording that runs or is to be started.
 */
export function RecordPanel(): JSX.Element {
  const running = useStore(store, (state) => state.status?.recording ?? null);
  const state = useStore(store, (state) => state.status?.state ?? null);
  const reachable = useStore(store, (state) => state.reachable);
  const [asking, setAsking] = useState(false);
  const [wish, setWish] = useState(emptyWish);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  // What was asked or refused belongs to the recording that ended, or to the time before this one.
  const isRunning = running !== null;
  useEffect(() => {
    setAsking(false);
    setProblem(null);
  }, [isRunning]);

  const change = (next: StartWish): void => {
    setWish(next);
    setProblem(null);
  };
  const start = async (): Promise<void> => {
    setBusy(true);
    const refused = await startRecording(wish);
    setProblem(refused);
    // The next one is of the same subject more often than not; a name is of one recording.
    if (!refused) setWish({ ...wish, name: '' });
    setBusy(false);
  };
  const stop = async (): Promise<void> => setProblem(await stopRecording());

  return (
    <section class="record-panel" aria-label={t.record.section} data-recording={isRunning}>
      <div class="transport panel">
        {running ? (
          <button
            type="button"
            id="record"
            class="record"
            disabled={state === 'stopping'}
            onClick={() => setAsking(true)}
          >
            <span class="stop-mark" />
            {t.record.stop}
          </button>
        ) : (
          <button
            type="submit"
            form="start-form"
            id="record"
            class="record"
            disabled={busy || reachable !== true || state !== 'idle'}
          >
            <span class="record-mark" />
            {t.record.start}
          </button>
        )}
        <Elapsed id="elapsed" />
        {problem && !toldAtField(problem.field) && (
          <p class="problem" role="alert">
            {problemTitle(problem)}. {problem.detail}
          </p>
        )}
      </div>
      <div class="panel">
        <form
          id="start-form"
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          {running ? (
            <Running recording={running} />
          ) : (
            <StartFields wish={wish} problem={problem} onChange={change} />
          )}
        </form>
        {running && <NoteForm key={running.name} />}
        <Forecast />
      </div>
      {asking && running && (
        <Confirmation
          title={t.record.stopTitle}
          yes={t.record.stop}
          no={t.record.stopNo}
          onYes={stop}
          onClose={() => setAsking(false)}
        >
          <p>
            {t.record.stopText(running.name)} <Elapsed />. {t.record.stopFinal}
          </p>
        </Confirmation>
      )}
    </section>
  );
}
