import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { flipCount } from '../glass/code';
import { GlassMeasurement } from '../glass/measurement';
import type { Outcome } from '../glass/measurement';
import { t } from '../i18n';
import { GlassResult } from './glass-result';
import type { GlassTestProps } from './glass-test';
import { Modal } from './modal';

/** Shows the camera a code and says how late it is in the live view. Nothing flashes before a person starts it. */
export default function GlassDialog({ canvas, listeners, onClose }: GlassTestProps): JSX.Element {
  const patch = useRef<HTMLDivElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  const [running, setRunning] = useState(false);
  const [flips, setFlips] = useState(0);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  useEffect(() => {
    if (!running || !patch.current) return;
    close.current?.focus(); // the button that started it is gone
    const measurement = new GlassMeasurement({
      patch: patch.current,
      canvas,
      listeners,
      onProgress: setFlips,
      onEnd: (ended) => {
        setOutcome(ended);
        setRunning(false);
      },
    });
    return () => measurement.stop();
  }, [running]);

  const start = (): void => {
    setFlips(0);
    setOutcome(null);
    setRunning(true);
  };
  return (
    <Modal
      title={t.glass.title}
      class={running ? 'glass-test running' : 'glass-test'}
      onClose={onClose}
    >
      {running && <div ref={patch} class="patch" aria-hidden="true" />}
      {!running && outcome === null && (
        <>
          <p>{t.glass.how}</p>
          <p class="quiet">{t.glass.caution}</p>
        </>
      )}
      <div role="status">{outcome && <GlassResult {...outcome} />}</div>
      <div class="answers">
        {running && <span class="progress">{t.glass.progress(flips, flipCount)}</span>}
        <button type="button" ref={close} onClick={onClose}>
          {running ? t.glass.cancel : t.close}
        </button>
        {!running && (
          <button type="button" class="strong" onClick={start}>
            {outcome === null ? t.glass.start : t.glass.again}
          </button>
        )}
      </div>
    </Modal>
  );
}
