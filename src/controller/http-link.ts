import WebSocket from 'ws';
import { Problem, toProblem, type ProblemJson } from '../errors.js';
import { isJsonObject, type JsonObject } from '../config/merge-patch.js';
import type { Status } from '../monitor/status.js';
import { readAnswer, type ApiAnswer } from './api-answer.js';
import { ApiCaller, type ApiCall } from './api-caller.js';
import { ClockMeter, type ClockReading } from './clock-meter.js';
import { isStatus } from './is-status.js';
import { unproved } from './proven-session.js';
import type { Heard, MonitorLink } from './monitor-link.js';

/**
 * From one question for the status to the next. A monitor slow to answer is asked again sooner. With an
 * answer that takes three seconds it is less than `silentMs`: slow is not silent.
 */
const everyMs = 1500;
const leastPauseMs = 250;
const patienceMs = 4500;
/** Without an answer for this long a monitor counts as unreachable. */
const silentMs = 4800;
/** The first round trips come quickly after each other; then one each so many questions. */
const quickRoundTrips = 6;
const roundTripEvery = 3;
/** No event is anywhere near this, bytes. */
const largestEvent = 256 * 1024;

export interface LinkOptions {
  address: string;
  /** Of whoever claims this id (null: says none) here: what is to be proved first; null: nothing. */
  tokenFor: (claimed: string | null) => string | null;
  /** This machine's wall clock, µs. */
  wallUs: () => number;
  /** Something of what the link tells has changed. */
  onChange: (link: MonitorLink) => void;
}

/** The way to a monitor over its own API: it asks for the status, and is told by `/events` when to. */
export class HttpLink implements MonitorLink {
  readonly kind = 'http';
  readonly address: string;
  readonly http: ApiCaller;
  heard: Heard | null = null;
  reachable = false;
  pretended: string | null = null;
  problem: Problem | null = null;
  lastError: ProblemJson | null = null;

  private readonly meter = new ClockMeter();
  private events: WebSocket | null = null;
  private timer: NodeJS.Timeout | null = null;
  private silence: NodeJS.Timeout | null = null;
  private asking = false;
  private askAgain = false;
  private asked = 0;
  private running = false;
  /** As the monitor names this run of its program. */
  private run: string | null = null;
  /** Who is there was asked since the last failure. */
  private identified = false;

  constructor(private readonly options: LinkOptions) {
    this.address = options.address;
    this.http = new ApiCaller(options.address);
  }

  get clock(): ClockReading | null {
    return this.meter.best(performance.now());
  }

  start(): void {
    this.running = true;
    // Spread, so that a large fleet is not asked in one instant.
    this.timer = setTimeout(() => void this.ask(), Math.random() * leastPauseMs);
  }

  stop(): void {
    this.running = false;
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.silence !== null) clearTimeout(this.silence);
    this.closeEvents();
  }

  refresh(): void {
    if (this.asking) this.askAgain = true;
    else if (this.running) void this.ask();
  }

  call(call: ApiCall): Promise<ApiAnswer> {
    return this.http.call(call);
  }

  private async ask(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.asking = true;
    const beganMs = performance.now();
    try {
      await this.identify();
      if (this.meter.count < quickRoundTrips || this.asked % roundTripEvery === 0) {
        await this.measureClock();
      }
      this.asked++;
      const call = { method: 'GET', path: '/api/v1/status', timeoutMs: patienceMs } as const;
      const status = await this.http.json<unknown>(call);
      if (!isStatus(status)) throw new Problem('unreachable', 'Its status is no pi-monitor’s.');
      this.refuseOther(status.id);
      this.onStatus(status);
    } catch (error) {
      this.onFailure(toProblem(error));
    }
    this.asking = false;
    if (!this.running) return;
    const pauseMs =
      this.askAgain || this.meter.count < quickRoundTrips ? leastPauseMs : this.pauseSince(beganMs);
    this.askAgain = false;
    this.timer = setTimeout(() => void this.ask(), pauseMs);
  }

  /** Who is there, and where a token is kept for it, the proof: before anything else is asked of it. */
  private async identify(): Promise<void> {
    const known = this.heard?.status.id;
    const { tokenFor } = this.options;
    const asBefore = known === undefined || tokenFor(known) === this.http.provenToken;
    if (this.identified && asBefore) return;
    const claimed = await this.claimedId();
    if (claimed !== null && claimed !== known) this.heard = null;
    this.pretended = claimed;
    await this.http.prove(tokenFor(claimed));
    this.pretended = null;
    this.identified = true;
  }

  /** Null where it says none, as one of an older version. */
  private async claimedId(): Promise<string | null> {
    const call = { method: 'GET', path: '/api/v1/session', timeoutMs: patienceMs } as const;
    const answer = await this.http.ask(call);
    const session = answer.status === 200 ? readAnswer(answer) : null;
    return isJsonObject(session) && typeof session['id'] === 'string' ? session['id'] : null;
  }

  /** Whoever proved to be one monitor is not another as well. */
  private refuseOther(id: string): void {
    if (this.options.tokenFor(id) === this.http.provenToken) return;
    this.pretended = id;
    throw unproved(this.address, `says it is ${id} and has not proved that`);
  }

  private pauseSince(beganMs: number): number {
    return Math.max(leastPauseMs, everyMs - (performance.now() - beganMs));
  }

  private onStatus(status: Status): void {
    const atMs = performance.now();
    const run = this.run;
    const { heard } = this;
    const sameRun = heard !== null && heard.run === run && heard.status.id === status.id;
    const runSinceMs = sameRun ? heard.runSinceMs : atMs;
    this.heard = { status, run, atMs, runSinceMs };
    this.problem = null;
    this.reachable = true;
    this.hearkenAnew();
    if (this.events === null && this.running) this.openEvents(status.lastEventId);
    this.options.onChange(this);
  }

  /** Something was heard: the silence, if one comes, begins now. */
  private hearkenAnew(): void {
    if (this.silence !== null) clearTimeout(this.silence);
    this.silence = setTimeout(() => this.onSilence(), silentMs);
  }

  private onFailure(problem: Problem): void {
    this.problem = problem;
    this.identified = false;
    const { code } = (problem.cause ?? {}) as NodeJS.ErrnoException;
    // A time-out may be a slow monitor: the silence decides. A refusal leaves no doubt.
    if (code !== 'ABORT_ERR') this.reachable = false;
    this.options.onChange(this);
  }

  private onSilence(): void {
    this.reachable = false;
    this.problem ??= new Problem('unreachable', `${this.address} has fallen silent.`);
    this.meter.forget(); // it may come back with another clock
    this.closeEvents();
    this.options.onChange(this);
  }

  /** A monitor of an older version has no such call: then there is no offset, and no harm. */
  private async measureClock(): Promise<void> {
    const answer = await this.http.call({
      method: 'GET',
      path: '/api/v1/system/time',
      timeoutMs: patienceMs,
    });
    if (this.reachable) this.hearkenAnew();
    const nowMs = performance.now();
    const nowUs = this.options.wallUs();
    const wallAt = (ms: number): number => nowUs - (nowMs - ms) * 1000;
    const there = answer.status === 200 ? readAnswer(answer) : null;
    if (!isJsonObject(there)) return;
    const { receivedWallUs, sentWallUs, run } = there;
    this.run = typeof run === 'string' ? run : null;
    if (typeof receivedWallUs !== 'number' || typeof sentWallUs !== 'number') return;
    const roundTrip = {
      sentUs: wallAt(answer.sentMs),
      receivedThereUs: receivedWallUs,
      sentThereUs: sentWallUs,
      receivedUs: wallAt(answer.answeredMs),
    };
    this.meter.take(roundTrip, nowMs);
  }

  /** What happens there is known at once, and so is the end of its program. */
  private openEvents(since: number): void {
    const path = `/api/v1/events?since=${since}`;
    const socket = new WebSocket(this.http.webSocketUrl(path), {
      headers: this.http.webSocketHeaders(path),
      perMessageDeflate: false,
      handshakeTimeout: patienceMs,
      maxPayload: largestEvent,
    });
    this.events = socket;
    socket.on('message', (data: Buffer) => this.onEvent(data.toString()));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      if (this.events !== socket) return;
      this.events = null;
      this.refresh();
    });
  }

  private closeEvents(): void {
    const socket = this.events;
    this.events = null;
    socket?.terminate();
  }

  private onEvent(text: string): void {
    const event = parsed(text);
    if (event === null) return; // whatever speaks there, the status will tell
    const { type, data } = event;
    if (type === 'error' && isJsonObject(data)) this.lastError = data as unknown as ProblemJson;
    if (type !== 'viewer') this.refresh();
  }
}

function parsed(text: string): JsonObject | null {
  try {
    const content: unknown = JSON.parse(text);
    return isJsonObject(content) ? content : null;
  } catch {
    return null;
  }
}
