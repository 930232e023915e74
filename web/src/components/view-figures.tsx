import type { JSX } from 'preact';
import { decimal } from '../format';
import { t } from '../i18n';
import type { ViewFigures } from '../view-meter';

/** Of the live view, for who wants to know how well it comes through. */
export function Figures({ fps, skipped, latency, fromStamp }: ViewFigures): JSX.Element {
  return (
    <dl id="view-figures" class="view-figures">
      <dt>{t.picture.rate}</dt>
      <dd>{t.units.fps(decimal(fps, 1))}</dd>
      <dt>{t.picture.skipped}</dt>
      <dd>{skipped}</dd>
      <dt>{fromStamp ? t.picture.glassToGlass : t.picture.latency}</dt>
      <dd>
        {latency === null
          ? t.readouts.unknown
          : t.picture.latencyFigures(
              decimal(latency.median, 0),
              decimal(latency.p95, 0),
              decimal(latency.worst, 0),
            )}
        {latency !== null && <small> ± {decimal(latency.uncertainty, 1)} ms</small>}
      </dd>
    </dl>
  );
}
