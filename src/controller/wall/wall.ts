import type { Frame } from '../../http/live/frame.js';
import type { Fleet } from '../fleet.js';
import { streams, tileOf, type Tile } from './tile.js';
import { Upstream } from './upstream.js';

/** One who looks at the wall. */
export interface WallViewer {
  /** A u32 with the monitor's number, then the preview message. */
  sendPicture(message: Uint8Array): void;
  sendTiles(change: { tiles: Tile[]; removed: number[] }): void;
}

interface Looking {
  inView: ReadonlySet<number>;
  /** Tiles whose picture is on its way: the next one waits for the acknowledgement. */
  onTheWay: Map<number, Frame>;
  /** What was told last of each monitor. */
  told: Map<number, { coarse: string; whole: string }>;
}

const tickMs = 1000;
/** Figures of tiles out of view are for sorting only. */
const wholeEveryTicks = 5;
/** A tile that is scrolled past and back keeps its connection. */
const lingerMs = 3000;

/**
 * The tiles with their pictures. Pictures are only taken from monitors whose tile someone looks at, once
 * each; a viewer has at most one picture of each tile on its way, and then gets the newest.
 */
export class Wall {
  private readonly viewers = new Map<WallViewer, Looking>();
  private readonly upstreams = new Map<number, { upstream: Upstream; address: string }>();
  private readonly lingering = new Map<number, NodeJS.Timeout>();
  private timer: NodeJS.Timeout | null = null;
  private ticks = 0;

  constructor(private readonly fleet: Fleet) {}

  add(viewer: WallViewer): void {
    this.viewers.set(viewer, { inView: new Set(), onTheWay: new Map(), told: new Map() });
    this.timer ??= setInterval(() => this.tick(), tickMs);
    this.tellTiles(true);
  }

  remove(viewer: WallViewer): void {
    this.viewers.delete(viewer);
    if (this.viewers.size === 0) this.rest();
    this.attend();
  }

  /** The tiles that a viewer sees now. */
  look(viewer: WallViewer, numbers: readonly number[]): void {
    const looking = this.viewers.get(viewer);
    if (looking === undefined) return;
    looking.inView = new Set(numbers);
    this.attend();
    for (const number of numbers) this.offer(viewer, looking, number);
  }

  /** A viewer has drawn the last picture it was sent of this tile. */
  drawn(viewer: WallViewer, number: number): void {
    const looking = this.viewers.get(viewer);
    if (looking === undefined) return;
    const drawn = looking.onTheWay.get(number);
    looking.onTheWay.delete(number);
    const newest = this.upstreams.get(number)?.upstream.newest ?? null;
    if (newest !== null && newest !== drawn) this.offer(viewer, looking, number);
  }

  stop(): void {
    this.viewers.clear();
    this.rest();
    this.attend();
    for (const number of this.upstreams.keys()) this.close(number);
  }

  get upstreamCount(): number {
    return this.upstreams.size;
  }

  private rest(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private tick(): void {
    this.ticks++;
    this.attend(); // a monitor may have come, gone, or moved
    this.tellTiles(this.ticks % wholeEveryTicks === 0);
  }

  /** Opens the previews that someone looks at, and lets go of the others. */
  private attend(): void {
    const wanted = new Set([...this.viewers.values()].flatMap(({ inView }) => [...inView]));
    const members = wanted.size === 0 ? [] : this.fleet.members();
    for (const member of members) {
      const { reachable, link, conflict } = member;
      const { number } = member.entry;
      if (!wanted.has(number) || conflict) continue;
      if (!streams(member)) {
        this.close(number);
        continue;
      }
      this.keep(number);
      if (this.upstreams.get(number)?.address === link.address || !reachable) continue;
      this.close(number);
      const upstream = new Upstream(link.http, () => this.onFrame(number));
      this.upstreams.set(number, { upstream, address: link.address });
      upstream.open();
    }
    for (const number of this.upstreams.keys()) if (!wanted.has(number)) this.letGo(number);
  }

  private keep(number: number): void {
    const timer = this.lingering.get(number);
    if (timer !== undefined) clearTimeout(timer);
    this.lingering.delete(number);
  }

  private letGo(number: number): void {
    if (this.lingering.has(number)) return;
    this.lingering.set(
      number,
      setTimeout(() => this.close(number), lingerMs),
    );
  }

  private close(number: number): void {
    this.keep(number);
    this.upstreams.get(number)?.upstream.close();
    this.upstreams.delete(number);
  }

  private onFrame(number: number): void {
    for (const [viewer, looking] of this.viewers) this.offer(viewer, looking, number);
  }

  private offer(viewer: WallViewer, looking: Looking, number: number): void {
    if (!looking.inView.has(number) || looking.onTheWay.has(number)) return;
    const frame = this.upstreams.get(number)?.upstream.newest ?? null;
    if (frame === null) return;
    looking.onTheWay.set(number, frame);
    const message = Buffer.allocUnsafe(4 + frame.message.length);
    message.writeUInt32LE(number);
    message.set(frame.message, 4);
    viewer.sendPicture(message);
  }

  private tellTiles(whole: boolean): void {
    const tiles = this.fleet.members().map((member) => {
      const tile = tileOf(member);
      const { figures: _, ...coarse } = tile;
      return { tile, text: { coarse: JSON.stringify(coarse), whole: JSON.stringify(tile) } };
    });
    const present = new Set(tiles.map(({ tile }) => tile.number));
    for (const [viewer, { told, inView }] of this.viewers) {
      const changed = tiles.filter(({ tile, text }) => {
        const before = told.get(tile.number);
        const all = whole || inView.has(tile.number);
        if (all ? before?.whole === text.whole : before?.coarse === text.coarse) return false;
        told.set(tile.number, text);
        return true;
      });
      const removed = [...told.keys()].filter((number) => !present.has(number));
      for (const number of removed) told.delete(number);
      if (changed.length === 0 && removed.length === 0) continue;
      viewer.sendTiles({ tiles: changed.map(({ tile }) => tile), removed });
    }
  }
}
