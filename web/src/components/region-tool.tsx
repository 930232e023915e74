import type { JSX, RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { asProblem, call } from '../api';
import { t } from '../i18n';
import { draggedRegion, pointIn, sensorRegion } from '../region';
import type { Rectangle } from '../region';
import { noteSettingsApplied, store } from '../state';
import type { ControlInfo, ControlValue } from '../types';

/** libcamera's control: the part of the sensor that becomes the picture. */
export const regionControl = 'ScalerCrop';

/** Over the picture while a region is drawn; what is let go of becomes the picture. */
export function RegionTool({ canvas }: { canvas: RefObject<HTMLCanvasElement> }): JSX.Element {
  const [from, setFrom] = useState<{ x: number; y: number } | null>(null);
  const [region, setRegion] = useState<Rectangle | null>(null);
  const [refusal, setRefusal] = useState('');

  const place = (event: PointerEvent): { x: number; y: number } | null => {
    const picture = canvas.current;
    if (!picture) return null;
    const box = picture.getBoundingClientRect();
    return pointIn(picture, box, { x: event.clientX, y: event.clientY });
  };
  const close = (): void => store.update({ drawingRegion: false });
  const set = async (wanted: Rectangle | null): Promise<void> => {
    try {
      const { items } = await call<{ items: ControlInfo[] }>('GET', '/controls');
      const control = items.find(({ id }) => id === regionControl);
      if (!control) return;
      const shown = rectangleOf(control.value);
      const value = wanted && shown ? sensorRegion(wanted, shown) : control.default;
      await call('PATCH', '/controls', { [regionControl]: value });
      noteSettingsApplied();
      close();
    } catch (error) {
      setRefusal(asProblem(error).detail);
    }
  };
  return (
    <div
      class="region-tool"
      onPointerDown={(event) => {
        if (event.target !== event.currentTarget) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(place(event));
        setRegion(null);
      }}
      onPointerMove={(event) => {
        const to = place(event);
        if (from && to) setRegion(draggedRegion(from, to));
      }}
      onPointerUp={() => setFrom(null)}
    >
      {region && <Outline region={region} canvas={canvas} />}
      <div class="region-deeds" role="group" aria-label={t.region.title}>
        <p>{refusal || t.region.hint}</p>
        <button type="button" disabled={!region} onClick={() => void set(region)}>
          {t.region.take}
        </button>
        <button type="button" onClick={() => void set(null)}>
          {t.region.whole}
        </button>
        <button type="button" onClick={close}>
          {t.close}
        </button>
      </div>
    </div>
  );
}

interface OutlineProps {
  region: Rectangle;
  canvas: RefObject<HTMLCanvasElement>;
}

/** An SVG of the picture's own shape lies over it as the canvas does. */
function Outline({ region: [x, y, width, height], canvas }: OutlineProps): JSX.Element {
  const { width: wide, height: high } = canvas.current ?? { width: 16, height: 9 };
  return (
    <svg class="region" viewBox={`0 0 ${wide} ${high}`} aria-hidden="true">
      <rect x={x * wide} y={y * high} width={width * wide} height={height * high} />
    </svg>
  );
}

function rectangleOf(value: ControlValue): Rectangle | null {
  if (!Array.isArray(value)) return null;
  const [x, y, width, height] = value;
  if (x === undefined || y === undefined || width === undefined || height === undefined)
    return null;
  return [x, y, width, height];
}
