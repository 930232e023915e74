import type { JSX } from 'preact';
import { decimal } from '../format';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';
import type { ViewFigures } from '../view-meter';

/** Of the live view, for who wants to know how well it comes through. */
export function Figures(props: ViewFigures & { onTest: () => void }): JSX.Element {
  const { picture, fps, skipped, latency, fromStamp, onTest } = props;
  const cameraWidth = useStore(store, (state) => state.status?.camera?.width ?? 0);
  return (
    <div id="view-figures" class="view-figures">
      <dl>
        <dt>{t.picture.size}</dt>
        <dd>
          {picture ? `${picture.width} × ${picture.height}` : t.readouts.unknown}
          {/* Pictures are smaller by choice; video is the camera's where the network allows. */}
          {picture?.codec === 'h264' && picture.width < cameraWidth && (
            <small> {t.picture.slowNetwork}</small>
          )}
        </dd>
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
      <button type="button" id="glass-test" onClick={onTest}>
        {t.glass.open}
      </button>
    </div>
  );
}
