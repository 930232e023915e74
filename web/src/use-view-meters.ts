import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DrawnFrame } from './preview';
import { LightMeter } from './light-meter';
import type { Light } from './light-meter';
import { store } from './state';
import { useStore } from './store';
import { ViewMeter } from './view-meter';
import type { ViewFigures } from './view-meter';

const refreshMs = 500;

/**
 * How the live view comes through. `onDrawn` is what is to be told of each frame drawn; it is set
 * while the figures are shown, and only then anything is measured.
 */
export function useFigures(
  canvas: RefObject<HTMLCanvasElement>,
  onDrawn: RefObject<(frame: DrawnFrame) => void>,
): ViewFigures | null {
  const [figures, setFigures] = useState<ViewFigures | null>(null);
  const shown = useStore(store, (state) => state.showFigures);
  useEffect(() => {
    if (!shown || !canvas.current) return;
    const meter = new ViewMeter(canvas.current);
    onDrawn.current = (frame) => meter.drawn(frame);
    const timer = setInterval(() => setFigures(meter.figures()), refreshMs);
    return () => {
      clearInterval(timer);
      onDrawn.current = null;
      meter.stop();
      setFigures(null);
    };
  }, [shown, canvas, onDrawn]);
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
