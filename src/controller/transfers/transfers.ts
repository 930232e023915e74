import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Problem, toProblem } from '../../errors.js';
import type { RecordingItem } from '../../monitor/recording-item.js';
import { readJson, writeJson } from '../../system/json-file.js';
import { Serial } from '../../system/serial.js';
import type { Fleet } from '../fleet.js';
import type { Member } from '../member.js';
import { namesAt, type Recordings, type Targets } from '../shapes.js';
import { fetchRecording } from './fetch-recording.js';
import { OwnerFolders } from './owner-folder.js';
import { Rate } from './rate.js';
import { sendFolder, type Destination } from './rclone.js';
import type { Transfer, TransferItem } from './shapes.js';

export interface TransfersParts {
  fleet: Fleet;
  /** Where the transfers are kept, and where recordings go. */
  stateFolder: string;
  fetchedFolder: string;
  atOnce: number;
  megabitsPerSecond: number;
  /** After a failure, before the next attempt. */
  againMs: number;
  destinations: Record<string, Destination>;
  wallUs: () => number;
  onChange: (transfer: Transfer) => void;
  onTrouble: (error: unknown) => void;
  /** Called with a recording that has been fetched, and where it is. */
  onFetched: (monitor: string, recording: string, folder: string) => Promise<void>;
}

export interface TransferWish {
  targets: Targets;
  recordings?: Recordings;
  destination?: string;
}

const patienceMs = 10_000;
const kept = 100;

/**
 * Recordings on their way to this machine, several at a time. What cannot be reached waits, for as long
 * as it takes; a controller that starts again goes on where it was.
 */
export class Transfers {
  private readonly known = new Map<string, Transfer>();
  private readonly aborts = new Map<TransferItem, AbortController>();
  private readonly notBeforeMs = new Map<TransferItem, number>();
  private readonly rate: Rate;
  private readonly bytesPerSecond: number;
  private readonly owners: OwnerFolders;
  private readonly saves = new Serial();
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(private readonly parts: TransfersParts) {
    this.bytesPerSecond = (parts.megabitsPerSecond * 1e6) / 8;
    this.owners = new OwnerFolders(parts.fetchedFolder);
    this.rate = new Rate(this.bytesPerSecond);
  }

  /** Reads those of earlier. */
  async load(): Promise<void> {
    await mkdir(this.parts.stateFolder, { recursive: true });
    const files = (await readdir(this.parts.stateFolder)).filter((name) => name.endsWith('.json'));
    const found = await Promise.all(
      files.map((name) => readJson(join(this.parts.stateFolder, name)).catch(() => null)),
    );
    const transfers = found.filter((one) => one !== null) as Transfer[];
    for (const transfer of transfers.sort((a, b) => a.startedWallUs - b.startedWallUs)) {
      for (const item of transfer.items) if (isUnderWay(item)) item.state = 'waiting';
      this.known.set(transfer.id, transfer);
    }
  }

  start(): void {
    this.timer = setInterval(() => this.work(), 1000);
    this.work();
  }

  /** What is on its way is left as it is, for the next start. */
  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearInterval(this.timer);
    for (const abort of this.aborts.values()) abort.abort();
  }

  /** Newest first. */
  list(): Transfer[] {
    return [...this.known.values()].reverse();
  }

  get(id: string): Transfer {
    const transfer = this.known.get(id);
    if (transfer === undefined) throw new Problem('not-found', `There is no transfer ${id}.`);
    return transfer;
  }

  /** Without names: all that have ended and are not marked as transferred. */
  async add({ targets, recordings, destination }: TransferWish): Promise<Transfer> {
    if (destination !== undefined && !Object.hasOwn(this.parts.destinations, destination)) {
      const names = Object.keys(this.parts.destinations).join(', ');
      const there = names === '' ? 'none; name one in the configuration file' : names;
      throw new Problem('invalid-value', `Destinations are ${there}.`, 'destination');
    }
    const transfer: Transfer = {
      id: randomUUID(),
      startedWallUs: Math.round(this.parts.wallUs()),
      state: 'running',
      destination: destination ?? null,
      recordings: recordings ?? null,
      items: this.parts.fleet.targets(targets).map((member) => newItem(member, null)),
    };
    this.known.set(transfer.id, transfer);
    await this.save(transfer);
    this.forgetOld();
    this.work();
    return transfer;
  }

  async cancel(id: string): Promise<Transfer> {
    const transfer = this.get(id);
    for (const item of transfer.items) {
      if (item.state === 'waiting' || isUnderWay(item)) item.state = 'cancelled';
      this.aborts.get(item)?.abort();
    }
    await this.settle(transfer);
    return transfer;
  }

  /** Gives work to whoever is free. A recording is never fetched twice at the same time. */
  private work(): void {
    if (this.stopped) return;
    const busy = new Set([...this.aborts.keys()].map(keyOf));
    for (const transfer of this.known.values()) {
      if (transfer.state !== 'running') continue;
      for (const item of [...transfer.items]) {
        if (this.aborts.size >= this.parts.atOnce) return;
        if (item.state !== 'waiting' || busy.has(keyOf(item))) continue;
        if ((this.notBeforeMs.get(item) ?? 0) > performance.now() || this.isAway(item)) continue;
        busy.add(keyOf(item));
        void this.take(transfer, item);
      }
    }
  }

  /** Whoever does not answer is waited for without an attempt: the first is made as soon as it does. */
  private isAway(item: TransferItem): boolean {
    const { fleet } = this.parts;
    const member = fleet.isKnown(item.monitor) ? fleet.get(item.monitor) : null;
    if (member === null || member.reachable) return false;
    item.detail = member.refusal?.detail ?? null;
    return true;
  }

  private async take(transfer: Transfer, item: TransferItem): Promise<void> {
    const abort = new AbortController();
    this.aborts.set(item, abort);
    try {
      const member = this.parts.fleet.get(item.monitor);
      if (member.conflict && member.refusal !== null) throw member.refusal;
      if (item.recording === null) await this.expand(transfer, item, member);
      else await this.bring(transfer, item, member, abort.signal);
    } catch (error) {
      this.onFailure(item, toProblem(error));
    } finally {
      this.aborts.delete(item);
    }
    await this.settle(transfer).catch(this.parts.onTrouble);
    this.work();
  }

  /** A monitor becomes its recordings. */
  private async expand(transfer: Transfer, item: TransferItem, member: Member): Promise<void> {
    const call = { method: 'GET', path: '/api/v1/recordings', timeoutMs: patienceMs } as const;
    const { items } = await member.http.json<{ items: RecordingItem[] }>(call);
    const wanted = items.filter(({ name, state, transferred }) =>
      transfer.recordings === null
        ? state === 'ended' && transferred === undefined
        : namesAt(transfer.recordings, member.id).includes(name),
    );
    const at = transfer.items.indexOf(item);
    transfer.items.splice(at, 1, ...wanted.map(({ name }) => newItem(member, name)));
  }

  private async bring(
    transfer: Transfer,
    item: TransferItem,
    member: Member,
    signal: AbortSignal,
  ): Promise<void> {
    const recording = item.recording ?? '';
    const { id, name, status } = member;
    const owner = await this.owners.nameOf({ id, host: status?.host ?? name });
    const { folder, marked } = await fetchRecording({
      member,
      recording,
      folder: join(this.parts.fetchedFolder, owner),
      rate: this.rate,
      signal,
      onProgress: (state, bytes, totalBytes) => {
        if (!signal.aborted) Object.assign(item, { state, bytes, totalBytes, detail: null });
      },
    });
    item.marked = marked;
    await this.parts.onFetched(member.id, recording, folder);
    const destination = this.parts.destinations[transfer.destination ?? ''];
    if (destination !== undefined) {
      item.state = 'sending';
      await sendFolder({
        folder,
        below: `${owner}/${basename(folder)}`,
        destination,
        bytesPerSecond: this.bytesPerSecond / this.parts.atOnce,
        signal,
        onBytes: (sent) => (item.sentBytes = Math.max(item.sentBytes, sent)),
      });
    }
    item.state = 'done';
    item.detail = null;
  }

  private onFailure(item: TransferItem, { code, detail, policy }: Problem): void {
    if (this.stopped || item.state === 'cancelled') return;
    item.detail = detail;
    const later = policy !== 'stop' && code !== 'upload-failed' && code !== 'checksum-differs';
    item.state = later ? 'waiting' : 'failed';
    this.notBeforeMs.set(item, performance.now() + this.parts.againMs);
  }

  private async settle(transfer: Transfer): Promise<void> {
    const states = transfer.items.map(({ state }) => state);
    if (!states.some((state) => state === 'waiting' || isUnderWay({ state }))) {
      const ended = states.includes('failed') ? 'failed' : 'done';
      transfer.state = states.includes('cancelled') ? 'cancelled' : ended;
      for (const item of transfer.items) this.notBeforeMs.delete(item);
    }
    await this.save(transfer);
    this.parts.onChange(transfer);
  }

  private save(transfer: Transfer): Promise<void> {
    const path = join(this.parts.stateFolder, `${transfer.id}.json`);
    return this.saves.run(() => writeJson(path, transfer));
  }

  /** Of the list in memory; what is on disk stays. */
  private forgetOld(): void {
    for (const [id, { state }] of this.known) {
      if (this.known.size <= kept) return;
      if (state !== 'running') this.known.delete(id);
    }
  }
}

function newItem({ id, name }: Member, recording: string | null): TransferItem {
  return {
    monitor: id,
    name,
    recording,
    state: 'waiting',
    bytes: 0,
    sentBytes: 0,
    totalBytes: null,
    detail: null,
    marked: false,
  };
}

function keyOf({ monitor, recording }: TransferItem): string {
  return `${monitor}/${recording ?? ''}`;
}

function isUnderWay({ state }: Pick<TransferItem, 'state'>): boolean {
  return state === 'fetching' || state === 'verifying' || state === 'sending';
}
