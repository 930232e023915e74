import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Preview } from './preview';
import type { DrawnFrame } from './preview';
import type { LinkState } from './socket';
import { noteFallback, store } from './state';
import { useStore } from './store';

/** Few steps, so that the server makes few sizes and a resized window does not reconnect each time. */
const widths = [320, 480, 640, 960, 1280, 1920];

function widthFor(canvas: HTMLCanvasElement): number {
  const needed = canvas.clientWidth * devicePixelRatio;
  return widths.find((width) => width >= needed) ?? 1920;
}

export interface LivePicture {
  link: LinkState;
  /** On performance.now(); null before the first picture. Changes without drawing the component. */
  drawnAt: RefObject<number>;
  /** Each is called with each frame drawn, while it is in the set, which stays the same one. */
  listeners: DrawnListeners;
}

export type DrawnListeners = Set<(frame: DrawnFrame) => void>;

/** Keeps the preview on the canvas while it is wanted and the page is in view, as wide as it is shown. */
export function usePreview(canvas: RefObject<HTMLCanvasElement>, wanted: boolean): LivePicture {
  const codec = useStore(store, (state) => state.codec);
  const [link, setLink] = useState<LinkState>('closed');
  const drawnAt = useRef<number | null>(null);
  const [listeners] = useState<DrawnListeners>(() => new Set());
  useEffect(() => {
    const shown = canvas.current;
    if (!shown || !wanted) return;
    const preview = new Preview(shown, codec, {
      onState: setLink,
      onDrawn: (frame) => {
        drawnAt.current = performance.now();
        for (const listener of listeners) listener(frame);
      },
      onFallback: (reason) => noteFallback(reason),
    });
    const adapt = (): void => {
      if (document.hidden) preview.stop();
      else preview.start(widthFor(shown));
    };
    const sizes = new ResizeObserver(adapt);
    sizes.observe(shown);
    document.addEventListener('visibilitychange', adapt);
    const unsubscribe = retryWhenBack(() => preview.retry());
    return () => {
      sizes.disconnect();
      document.removeEventListener('visibilitychange', adapt);
      unsubscribe();
      preview.stop();
    };
  }, [canvas, wanted, codec, listeners]);
  return { link, drawnAt, listeners };
}

/** A connection whose other end vanished without a word still looks open: a monitor that is back gets a new one. */
function retryWhenBack(retry: () => void): () => void {
  let before = store.get().reachable;
  return store.subscribe(() => {
    const { reachable } = store.get();
    if (before === false && reachable) retry();
    before = reachable;
  });
}
