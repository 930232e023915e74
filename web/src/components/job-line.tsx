import type { JSX } from 'preact';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { isOpen, removeJob } from '../jobs';
import type { Job } from '../types';

/** A conversion below its recording: how far it is, or why it failed. */
export function JobLine({ job }: { job: Job }): JSX.Element {
  const { kind, state, progress, error, recording } = job;
  const title = t.convert.kinds[kind].title;
  const end = isOpen(job) ? t.convert.cancel : t.convert.dismiss;
  return (
    <div class="job" data-job={state} role="status">
      <span>{title}</span>
      {state === 'queued' && <span class="quiet">{t.convert.queued}</span>}
      {state === 'running' && (
        <>
          <progress max={1} value={progress} aria-label={t.convert.progress(title)} />
          <span class="figure">{Math.floor(progress * 100)} %</span>
        </>
      )}
      {error !== null && (
        <span class="alarm">
          {problemTitle(error)}: {error.detail}
        </span>
      )}
      <button
        type="button"
        aria-label={`${end}: ${title}, ${recording}`}
        onClick={() => void removeJob(job)}
      >
        {end}
      </button>
    </div>
  );
}
