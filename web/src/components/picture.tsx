import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Problem } from '../api';
import { ageText } from '../format';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { store } from '../state';
import { useStore } from '../store';
import { setStreamingForAll } from '../system';
import { usePreview } from '../use-preview';
import { useFigures, useLight } from '../use-view-meters';
import { useTick } from '../use-tick';
import { GlassTest } from './glass-test';
import { RegionTool } from './region-tool';
import { Figures } from './view-figures';
import { ViewTools } from './view-tools';
import { Histogram } from './histogram';
import { useShownState } from './state-badge';

/** A picture older than this is shown as old: several times the interval of the slowest preview. */
const freshMs = 2000;

export function Picture(): JSX.Element {
  const section = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const wanted = useStore(store, (state) => state.streaming);
  const switchedOff = useStore(store, (state) => state.status?.streaming === false);
  const operates = useStore(store, (state) => state.session?.role === 'operate');
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const streaming = wanted && !switchedOff;
  const { link, drawnAt, listeners } = usePreview(canvas, streaming);
  const figures = useFigures(canvas, listeners);
  const { shown: lightShown, light, marks } = useLight(canvas);
  const [testing, setTesting] = useState(false);
  const state = useShownState();
  const drawing = useStore(store, (state) => state.drawingRegion);
  const problem = useStore(store, (state) => state.status?.problem ?? null);
  const now = useTick(500);

  const ageMs = drawnAt.current === null ? null : now - drawnAt.current;
  const old = ageMs === null || ageMs >= freshMs;
  const headline = headlineFor(state, { wanted, switchedOff, connected: link === 'open', old });
  const canSwitchOn = headline === t.picture.switchedOff && operates;
  return (
    <section ref={section} class="picture" aria-label={t.picture.section} data-state={state}>
      <div class="frame">
        <canvas
          id="preview"
          ref={canvas}
          class={old ? 'old' : ''}
          role="img"
          aria-label={t.picture.canvas}
          width={1280}
          height={720}
        />
        {lightShown && <canvas ref={marks} class="marks" aria-hidden="true" />}
        {drawing && <RegionTool canvas={canvas} />}
        <ViewTools section={section} />
        {headline !== null && (
          <p
            id="picture-message"
            class={`overlay ${state === 'camera-lost' || state === 'failed' ? 'alarm' : ''}`}
          >
            <strong>{headline}</strong>
            {problem && <span>{problem.detail}</span>}
            {switchedOff && refusal && <span role="alert">{problemTitle(refusal)}</span>}
            {old && ageMs !== null && <span>{t.picture.old(ageText(ageMs))}</span>}
            {canSwitchOn && (
              <button
                type="button"
                id="switch-on"
                onClick={() => void setStreamingForAll(true).then(setRefusal)}
              >
                {t.picture.switchOn}
              </button>
            )}
          </p>
        )}
      </div>
      {(figures !== null || light !== null) && (
        <div class="view-readings">
          {figures && <Figures {...figures} onTest={() => setTesting(true)} />}
          {light && <Histogram {...light} />}
        </div>
      )}
      {testing && canvas.current && (
        <GlassTest
          canvas={canvas.current}
          listeners={listeners}
          onClose={() => setTesting(false)}
        />
      )}
    </section>
  );
}

/** What stands over the picture, or null where the picture speaks for itself. */
interface View {
  wanted: boolean;
  /** For everybody, as far as the monitor has said. */
  switchedOff: boolean;
  connected: boolean;
  old: boolean;
}

/** What stands over the picture, the worst first. */
function headlineFor(
  state: ReturnType<typeof useShownState>,
  { wanted, switchedOff, connected, old }: View,
): string | null {
  if (state === 'camera-lost') return t.picture.cameraLost;
  if (state === 'failed') return t.picture.cameraFailed;
  if (switchedOff) return state === 'unreachable' ? t.picture.unreachable : t.picture.switchedOff;
  if (!wanted) return t.picture.stopped;
  if (!old) return null;
  if (state === 'unreachable') return t.picture.unreachable;
  return connected ? t.picture.waiting : t.picture.connecting;
}
