import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DrawnFrame } from './preview';
import { LightMeter } from './light-meter';
import type { Light } from './light-meter';
import { store } from './state';
import { useStore } from './store';
import type { DrawnListeners } from './use-preview';
import { ViewMeter } from './view-meter';
import type { ViewFigures } from './view-meter';

const refreshMs = 500;

/** How the live view comes through; only while the figures are shown anything is measured. */
export function useFigures(
  canvas: RefObject<HTMLCanvasElement>,
  listeners: DrawnListeners,
): ViewFigures | null {
  const [figures, setFigures] = useState<ViewFigures | null>(null);
  const shown = useStore(store, (state) => state.showFigures);
  useEffect(() => {
    if (!shown || !canvas.current) return;
    const meter = new ViewMeter(canvas.current);
    const listener = (frame: DrawnFrame): void => meter.drawn(frame);
    listeners.add(listener);
    const timer = setInterval(() => setFigures(meter.figures()), refreshMs);
    return () => {
      clearInterval(timer);
      listeners.delete(listener);
      meter.stop();
      setFigures(null);
    };
  }, [shown, canvas, listeners]);
  return figures;
}

/** The picture's brightness, while it is shown; `marks` is drawn over what is over-exposed. */
export function useLight(canvas: RefObject<HTMLCanvasElement>): {
  shown: boolean;
  light: Light | null;
  marks: RefObject<HTMLCanvasElement>;
} {
  const [light, setLight] = useState<Light | null>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const shown = useStore(store, (state) => state.showLight);
  useEffect(() => {
    if (!shown) return;
    const meter = new LightMeter();
    const look = (): void => {
      if (!canvas.current || !marks.current || document.hidden) return;
      setLight(meter.measure(canvas.current, marks.current));
    };
    const timer = setInterval(look, refreshMs);
    return () => {
      clearInterval(timer);
      setLight(null);
    };
  }, [shown, canvas]);
  return { shown, light, marks };
}
