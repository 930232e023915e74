import { parsePreviewMessage } from '../preview-message';
import { ReconnectingSocket } from '../socket';
import { fleet } from './fleet-store';
import type { Tile } from './types';

const canvases = new Map<number, HTMLCanvasElement>();
const inView = new Set<number>();
let told = '';
let scheduled = false;

const socket = new ReconnectingSocket({
  path: () => '/api/v1/wall',
  onMessage: (data) => {
    if (typeof data === 'string') takeTiles(data);
    else void takePicture(data);
  },
  onState: (state) => {
    if (state === 'open') {
      told = '';
      fleet.update({ connected: true, tiles: new Map() });
      tellView();
    } else if (state === 'waiting') fleet.update({ connected: false });
  },
});

export function followWall(): void {
  socket.open();
  document.addEventListener('visibilitychange', tellView);
}

/** A tile's canvas, and whether it is in view; null: the tile is gone. */
export function showTile(number: number, canvas: HTMLCanvasElement | null): void {
  if (canvas === null) {
    canvases.delete(number);
    inView.delete(number);
    tellSoon();
  } else canvases.set(number, canvas);
}

/** One observer for all tiles; those a little beyond the edge have their picture when they come. */
export const viewObserver = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const number = Number((target as HTMLElement).dataset['number']);
      if (isIntersecting) inView.add(number);
      else inView.delete(number);
    }
    tellSoon();
  },
  { rootMargin: '100px' },
);

/** While a person scrolls the view changes with every frame: it is told a few times a second. */
function tellSoon(): void {
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    tellView();
  }, 150);
}

export function tellView(): void {
  const { pictures, still, tiles } = fleet.get();
  const moves = (number: number): boolean => !still.has(tiles.get(number)?.id ?? '');
  const view = pictures && !document.hidden ? [...inView].filter(moves).sort((a, b) => a - b) : [];
  const text = JSON.stringify({ view });
  if (text === told) return;
  told = text;
  socket.send(text);
}

function takeTiles(text: string): void {
  const { tiles: changed, removed } = JSON.parse(text) as { tiles: Tile[]; removed: number[] };
  const tiles = new Map(fleet.get().tiles);
  for (const tile of changed) tiles.set(tile.number, tile);
  for (const number of removed) tiles.delete(number);
  fleet.update({ tiles });
}

/** Draws a picture, and says so: only then comes the next one of this tile. */
async function takePicture(data: ArrayBuffer): Promise<void> {
  const number = new DataView(data).getUint32(0, true);
  const message = parsePreviewMessage(data.slice(4));
  const canvas = canvases.get(number);
  if (message !== null && canvas !== undefined) {
    try {
      const picture = await createImageBitmap(new Blob([message.payload], { type: 'image/jpeg' }));
      if (canvas.width !== picture.width) canvas.width = picture.width;
      if (canvas.height !== picture.height) canvas.height = picture.height;
      canvas.getContext('2d', { alpha: false })?.drawImage(picture, 0, 0);
      picture.close();
      canvas.dataset['sequence'] = String(message.sequence);
    } catch {
      // A broken picture is skipped: the next one follows.
    }
  }
  const drawn = new ArrayBuffer(4);
  new DataView(drawn).setUint32(0, number, true);
  socket.send(drawn);
}
