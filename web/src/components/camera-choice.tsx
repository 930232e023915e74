import type { HTMLAttributes, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api';
import type { CameraInfo } from '../types';

interface CameraChoiceProps extends HTMLAttributes<HTMLSelectElement> {
  value: string;
  onChoose: (id: string) => void;
}

/** The cameras that are connected now; the one that is set stays on offer when it is not. */
export function CameraChoice({ value, onChoose, ...select }: CameraChoiceProps): JSX.Element {
  const [cameras, setCameras] = useState<CameraInfo[]>([]);
  useEffect(() => {
    call<{ items: CameraInfo[] }>('GET', '/cameras').then(
      ({ items }) => setCameras(items),
      // Without a list the setting can still be read; the log tells why.
      () => setCameras([]),
    );
  }, []);
  const ids = new Set(['auto', value, ...cameras.map((camera) => camera.id)]);
  const nameOf = (id: string): string => {
    const model = cameras.find((camera) => camera.id === id)?.model;
    return model === undefined || model === id ? id : `${model} (${id})`;
  };
  return (
    <select {...select} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      {[...ids].map((id) => (
        <option key={id} value={id}>
          {nameOf(id)}
        </option>
      ))}
    </select>
  );
}
