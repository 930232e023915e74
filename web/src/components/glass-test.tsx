import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asProblem } from '../api';
import { addNotice } from '../state';
import type { DrawnListeners } from '../use-preview';

export interface GlassTestProps {
  /** The live view, and who is told of each of its pictures. */
  canvas: HTMLCanvasElement;
  listeners: DrawnListeners;
  onClose: () => void;
}

/** Loads the measurement of the live view's delay, which few ever open, and shows it. */
export function GlassTest(props: GlassTestProps): JSX.Element | null {
  const [Dialog, setDialog] = useState<ComponentType<GlassTestProps> | null>(null);
  useEffect(() => {
    import('./glass-dialog').then(
      (loaded) => setDialog(() => loaded.default),
      (error: unknown) => {
        const { title, detail } = asProblem(error);
        addNotice({ wallUs: Date.now() * 1000, title, detail, remedy: null });
        props.onClose();
      },
    );
  }, []);
  return Dialog && <Dialog {...props} />;
}
