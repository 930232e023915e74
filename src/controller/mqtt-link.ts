import { randomUUID } from 'node:crypto';
import { isJsonObject } from '../config/merge-patch.js';
import { Problem, type ProblemJson } from '../errors.js';
import type { ToldState } from '../mqtt/monitor-on-broker.js';
import { readAnswer, type ApiAnswer } from './api-answer.js';
import { ApiCaller, type ApiCall } from './api-caller.js';
import type { Broker, Hearer } from './broker.js';
import { ClockMeter, type ClockReading } from './clock-meter.js';
import type { LinkOptions } from './http-link.js';
import { idOnBroker, parseMonitorAddresses } from './monitor-address.js';
import type { Heard, MonitorLink } from './monitor-link.js';
import { unproved } from './proven-session.js';

/** A monitor tells its state every 2 s: without one for this long it counts as unreachable. */
const silentMs = 4800;
const patienceMs = 4500;
/** The first round trips come quickly after each other. */
const quickRoundTrips = 6;
const quickMs = 250;
const roundTripMs = 4500;
/** An answer that has not come by then is given up, and so is the command. */
const longestLifeMs = 60_000;
/** Two runs that take turns are two machines. */
const turnsMs = 10_000;
/** Until a state has told the address: a name that nobody has (RFC 6761). */
const nowhere = 'unknown.invalid:80';

/** The way to a monitor through a broker: it is told the status, and commands go there and back. */
export class MqttLink implements MonitorLink, Hearer {
  readonly kind = 'mqtt';
  readonly address: string;
  http = new ApiCaller(nowhere);
  heard: Heard | null = null;
  reachable = false;
  pretended: string | null = null;
  problem: Problem | null = null;
  lastError: ProblemJson | null = null;

  private readonly id: string;
  private readonly meter = new ClockMeter();
  private silence: NodeJS.Timeout | null = null;
  private timer: NodeJS.Timeout | null = null;
  private online = false;
  private proving = false;
  private provedFor: ApiCaller | null = null;
  /** The run before the one that is heard now, and when it was heard last. */
  private formerRun: { run: string; atMs: number } | null = null;

  constructor(
    private readonly options: LinkOptions,
    /** Null: none is configured. */
    private readonly broker: Broker | null,
  ) {
    this.address = options.address;
    this.id = idOnBroker(options.address) ?? '';
  }

  get clock(): ClockReading | null {
    return this.meter.best(performance.now());
  }

  start(): void {
    if (this.broker === null) {
      const detail = 'No broker is configured here: set mqtt.url in the configuration file.';
      this.problem = new Problem('unreachable', detail, 'mqtt.url');
      this.options.onChange(this);
      return;
    }
    this.broker.attach(this.id, this);
    this.timer = setTimeout(() => void this.measure(), quickMs);
  }

  stop(): void {
    this.broker?.detach(this.id);
    if (this.silence !== null) clearTimeout(this.silence);
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** The status comes by itself as it changes; only who may be asked by HTTP is looked at again. */
  refresh(): void {
    if (!this.isBelieved()) return;
    this.prove();
  }

  /** Who is paired has to prove who it is; that it is let in by the broker is enough of a proof. */
  private isBelieved(): boolean {
    const believed = this.options.tokenFor(this.id) === null || this.broker?.vouches === true;
    this.pretended = believed ? null : this.id;
    if (believed) return true;
    this.heard = null;
    this.fail(unproved(this.address, 'comes by a broker that lets in anybody (see mqtt.username)'));
    return false;
  }

  async call({ method, path, body, headers, role, timeoutMs }: ApiCall): Promise<ApiAnswer> {
    if (this.broker === null || !this.broker.connected) {
      throw this.problem ?? new Problem('unreachable', 'The MQTT broker is not connected.');
    }
    if (role === 'view' && method !== 'GET') {
      throw new Problem('forbidden-role', 'Viewers only look.');
    }
    if (method !== 'GET' && this.clock === null) await this.measureClock();
    const id = headers?.['Idempotency-Key'] ?? randomUUID();
    const lifeUs = Math.min(timeoutMs, longestLifeMs) * 1000;
    const expiresWallUs = this.options.wallUs() + (this.clock?.offsetUs ?? 0) + lifeUs;
    const sentMs = performance.now();
    const question = { id, method, path, body, expiresWallUs };
    const reply = await this.broker.ask(this.id, question, timeoutMs);
    const text = reply.body === null ? '' : JSON.stringify(reply.body);
    return {
      status: reply.status,
      body: Buffer.from(text),
      contentType: 'application/json',
      sentMs,
      answeredMs: performance.now(),
    };
  }

  onState(state: ToldState, retained: boolean): void {
    if (!this.isBelieved()) return;
    const atMs = performance.now();
    const { run } = state;
    const before = this.heard;
    const sameRun = before?.run === run;
    const taken = this.formerRun;
    const turns = !sameRun && taken?.run === run && atMs - taken.atMs < turnsMs;
    if (!sameRun && typeof before?.run === 'string') {
      this.formerRun = { run: before.run, atMs };
    }
    this.heard = { status: state, run, atMs, runSinceMs: sameRun ? before.runSinceMs : atMs };
    if (this.http.address !== state.address) this.http = callerAt(state.address);
    this.prove();
    if (retained) return;
    if (turns) this.fail(conflict());
    else if (this.problem?.code !== 'identity-conflict' || this.hasSettled(atMs)) this.alive();
  }

  onAvailability(online: boolean): void {
    this.online = online;
    if (online) return; // its next state says that it is there
    this.fail(new Problem('unreachable', 'It has left the MQTT broker, or is cut off from it.'));
  }

  onEvent({ type, data }: Record<string, unknown>): void {
    if (type === 'error' && isJsonObject(data)) this.lastError = data as unknown as ProblemJson;
  }

  onBroker(): void {
    if (this.broker?.connected === true) return;
    this.fail(this.broker?.problem ?? new Problem('unreachable', 'The MQTT broker is gone.'));
  }

  private hasSettled(nowMs: number): boolean {
    return nowMs - (this.formerRun?.atMs ?? 0) > turnsMs;
  }

  private alive(): void {
    if (!this.online) return;
    this.problem = null;
    this.reachable = true;
    if (this.silence !== null) clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.fail(new Problem('unreachable', 'It has fallen silent on the MQTT broker.'));
    }, silentMs);
    this.options.onChange(this);
  }

  private fail(problem: Problem): void {
    this.problem = problem;
    this.reachable = false;
    this.meter.forget(); // it may come back with another clock
    if (this.silence !== null) clearTimeout(this.silence);
    this.options.onChange(this);
  }

  /** By HTTP it must prove who it is as anybody. */
  private prove(): void {
    const token = this.options.tokenFor(this.id);
    if (this.proving || (this.provedFor === this.http && token === this.http.provenToken)) return;
    this.proving = true;
    const { http } = this;
    http
      .prove(token)
      .then(() => (this.provedFor = http))
      .catch(() => undefined) // whoever needs it is told then
      .finally(() => (this.proving = false));
  }

  private async measure(): Promise<void> {
    if (this.reachable) await this.measureClock().catch(() => undefined);
    const pauseMs = this.meter.count < quickRoundTrips ? quickMs : roundTripMs;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.measure(), pauseMs);
  }

  private async measureClock(): Promise<void> {
    const path = '/api/v1/system/time';
    const answer = await this.call({ method: 'GET', path, timeoutMs: patienceMs });
    const nowMs = performance.now();
    const nowUs = this.options.wallUs();
    const there = readAnswer(answer);
    if (!isJsonObject(there)) return;
    const { receivedWallUs, sentWallUs } = there;
    if (typeof receivedWallUs !== 'number' || typeof sentWallUs !== 'number') return;
    const roundTrip = {
      sentUs: nowUs - (nowMs - answer.sentMs) * 1000,
      receivedThereUs: receivedWallUs,
      sentThereUs: sentWallUs,
      receivedUs: nowUs - (nowMs - answer.answeredMs) * 1000,
    };
    this.meter.take(roundTrip, nowMs);
  }
}

function conflict(): Problem {
  const detail = 'Two machines tell on the broker that they are this one.';
  return new Problem('identity-conflict', detail);
}

/** What a monitor says of itself is not a URL before it is looked at. */
function callerAt(address: string): ApiCaller {
  const [read = nowhere] = parseMonitorAddresses(address) ?? [];
  return new ApiCaller(read);
}
