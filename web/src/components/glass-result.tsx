import type { JSX } from 'preact';
import { decimal } from '../format';
import type { Outcome } from '../glass/measurement';
import { t } from '../i18n';
import { percentile } from '../percentile';

/** What was measured, or why nothing was: then there is no number. */
export function GlassResult(outcome: Outcome): JSX.Element {
  if (outcome.kind !== 'found') return <p class="problem">{t.glass.failures[outcome.kind]}</p>;
  const { delaysMs, expected, pictureMs, refreshMs } = outcome;
  const median = percentile(delaysMs, 0.5);
  const longest = Math.max(...delaysMs);
  const texts = [median, percentile(delaysMs, 0.95), longest].map((ms) => decimal(ms, 0));
  const [medianText = '', p95Text = '', longestText = ''] = texts;
  return (
    <div class="glass-result">
      <p>
        <strong>{medianText} ms</strong> <small>{t.glass.median}</small>
        <br />
        {t.glass.spread(p95Text, longestText)} {t.glass.seen(delaysMs.length, expected)}
      </p>
      <Plot delaysMs={delaysMs} median={median} longest={longest} longestText={longestText} />
      <p class="quiet">
        {t.glass.meaning} {t.glass.steps(decimal(pictureMs, 0), decimal(refreshMs, 0))}
      </p>
    </div>
  );
}

interface PlotProps {
  delaysMs: number[];
  median: number;
  longest: number;
  longestText: string;
}

/** Of its own coordinates; `edge` keeps the dots from being cut. */
const width = 320;
const height = 80;
const edge = 6;

/** A dot for each change, in their order; the line is the median. */
function Plot({ delaysMs, median, longest, longestText }: PlotProps): JSX.Element {
  const x = (i: number): number => edge + (i * (width - 2 * edge)) / (delaysMs.length - 1);
  const y = (ms: number): number => height - edge - (ms * (height - 2 * edge)) / longest;
  return (
    <figure class="glass-plot">
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        <line x1={0} x2={width} y1={y(median)} y2={y(median)} />
        {delaysMs.map((ms, i) => (
          <circle key={i} cx={x(i)} cy={y(ms)} r={2.5} />
        ))}
      </svg>
      <figcaption>{t.glass.plot(longestText)}</figcaption>
    </figure>
  );
}
