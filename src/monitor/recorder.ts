import { Problem, toProblem } from '../errors.js';
import type { Config } from '../config/schema.js';
import type {
  EncoderStatus,
  NativeEvent,
  RecordingStarted,
  RecordingSummary,
  StopReason,
} from '../native.js';
import { entryOf, type MappingChange } from '../system/clock-mapping.js';
import { Serial } from '../system/serial.js';
import {
  ActiveRecording,
  endReason,
  fileAt,
  type Begin,
  type Running,
} from './active-recording.js';
import type { Certificate, Ending, Instant } from './certificate.js';
import { missedBetween, withInterruption } from './continuation.js';
import { isOpenInterruption } from './gaps.js';
import { encoderRequest } from './encoder-request.js';
import { recordingRequest } from './recording-request.js';
import { movedStart, withStart } from './recording-start.js';
import type { Recordings } from './recordings.js';
import { withHash, withSegment } from './segments.js';

export interface RecorderListener {
  onStateChanged: () => void;
  onStarted: (running: Running) => void;
  onEnded: (certificate: Certificate) => void;
  /** Armed, it begins at another sensor time: the wall clock was set. In so many ms, or at once. */
  onMoved: (name: string, startsInMs: number) => void;
  /** Armed, it was called off before its first frame, and nothing is left of it. */
  onCalledOff: (name: string) => void;
  /** The certificate could not be written; the video goes on. */
  onTrouble: (problem: Problem) => void;
}

type HashedFile = Pick<
  Extract<NativeEvent, { type: 'file-hashed' }>,
  'recording' | 'file' | 'sha256'
>;

/** Begins and ends recordings, one at a time. */
export class Recorder {
  private active: ActiveRecording | null = null;
  /** Certificates are saved in the order in which they were true. */
  private readonly saves = new Serial();
  /** One after the other, as each changes a certificate. */
  private hashes = Promise.resolve();

  constructor(
    private readonly recordings: Recordings,
    private readonly listener: RecorderListener,
    /** Makes the certificate final; called once a recording, when all its frames are counted. */
    private readonly finish: (active: Running, ending: Ending) => Certificate,
  ) {}

  get running(): Running | null {
    return this.active;
  }

  refuseIfRunning(): void {
    if (this.active === null) return;
    throw new Problem('recording-running', `Stop ${this.active.name || 'it'} first.`);
  }

  /** Resolves once the first frame is through the gate or, for a later instant, all is ready. */
  async start(begin: Begin): Promise<Running> {
    this.refuseIfRunning();
    const active = new ActiveRecording(begin);
    this.active = active;
    active.begun = this.begin(active, begin);
    try {
      await active.begun;
    } catch (error) {
      this.active = null;
      this.listener.onStateChanged();
      throw toProblem(error);
    }
    this.listener.onStateChanged();
    return active;
  }

  private async begin(active: ActiveRecording, begin: Begin): Promise<void> {
    const { session, name, continues, startAtNs } = begin;
    await begin.checkDisk();
    await this.recordings.prepare();
    const given = continues?.name ?? (await this.recordings.create(name));
    const folder = this.recordings.pathOf(given, '');
    try {
      active.certificate = begin.certificate(given);
      active.name = given;
      await this.recordings.save(active.certificate);
      const firstSegment = continues === null ? 0 : await this.recordings.nextSegment(given);
      const request = recordingRequest(begin, { folder, name: given, firstSegment });
      if (startAtNs === null) {
        await this.entered(active, await session.startRecording(request));
      } else {
        active.armed = true;
        await session.armRecording(request, startAtNs);
      }
    } catch (error) {
      await active.saved;
      if (active.continues === null) await this.recordings.discard(given);
      else await this.save(active.continues);
      throw error;
    }
    active.folder = await fileAt(folder);
  }

  /** The addon has the first frame of a recording that was armed. */
  begun({ recording, ...first }: Extract<NativeEvent, { type: 'recording-started' }>): void {
    const { active } = this;
    if (active?.name !== recording || !active.armed || active.started !== null) return;
    const { active: name, reason } = active.session.status().encoder;
    const encoder = { name: name ?? '', reason: reason ?? '' };
    const { firstSensorNs, firstWallUs } = first;
    void this.entered(active, { firstSensorNs, firstWallUs, encoder });
  }

  private async entered(active: ActiveRecording, started: RecordingStarted): Promise<void> {
    active.started = started;
    const { continues, certificate } = active;
    if (continues !== null) {
      const gap = missedBetween(continues, started, certificate.bootId);
      active.continues = withInterruption(continues, gap);
      const known = certificate.gaps.filter((one) => !isOpenInterruption(one));
      active.certificate = { ...certificate, gaps: [...known, gap] };
    }
    active.certificate = withStart(active.certificate, started, continues !== null);
    this.noteEncoder(active.session.status().encoder);
    active.saved = active.saved.then(() => this.save(active.certificate));
    await active.saved;
    this.listener.onStarted(active);
    this.listener.onStateChanged();
  }

  /** Takes over what an encoder can change while it runs. */
  async applySettings(settings: Config): Promise<void> {
    const { active } = this;
    if (active?.started == null || active.stopping) return;
    await active.session.setEncoder(encoderRequest(settings));
  }

  /** Called now and then, for the certificate: what encodes may have had to change its ways. */
  noteEncoder(encoder: EncoderStatus): void {
    const { active } = this;
    if (active === null || encoder.active === null) return;
    active.certificate = { ...active.certificate, encoder };
  }

  private async save(certificate: Certificate): Promise<void> {
    try {
      await this.saves.run(() => this.recordings.save(certificate));
    } catch (error) {
      this.listener.onTrouble(toProblem(error));
    }
  }

  /** A segment was opened or closed: the certificate names the files that there are. */
  segment({
    type,
    recording,
    file,
  }: Extract<NativeEvent, { type: 'segment-opened' | 'segment-closed' }>) {
    const { active } = this;
    if (active?.name !== recording) return;
    const { certificate } = active;
    active.certificate = { ...certificate, files: withSegment(certificate.files, file) };
    active.saved = active.saved.then(() => this.save(active.certificate));
    if (type === 'segment-closed') return;
    const segment = active.session.status().recording?.segment ?? 0;
    for (const resolve of active.splits.splice(0)) resolve(segment);
  }

  /** Resolves with the number of the segment in which it goes on. */
  async split(): Promise<{ name: string; segment: number }> {
    const { active } = this;
    if (active?.started == null || active.stopping) {
      throw new Problem('not-recording', 'There is nothing to split.');
    }
    const opened = new Promise<number | null>((resolve) => active.splits.push(resolve));
    await active.session.splitRecording();
    const segment = await opened;
    if (segment === null) throw new Problem('not-recording', 'It ended before it was split.');
    return { name: active.name, segment };
  }

  async hashed({ recording, file, sha256 }: HashedFile): Promise<void> {
    const { active } = this;
    if (active?.name === recording) {
      const hashed = (one: Certificate): Certificate => ({
        ...one,
        files: withHash(one.files, file, sha256),
      });
      active.certificate = hashed(active.certificate);
      if (active.continues !== null) active.continues = hashed(active.continues);
      return; // the next save has it
    }
    this.hashes = this.hashes
      .then(() => this.recordings.addHash(recording, file, sha256))
      .catch((error: unknown) => this.listener.onTrouble(toProblem(error)));
    await this.hashes;
  }

  /**
   * Changes the certificate of the recording that runs; resolves once it is saved. False where
   * there is none, or where it is ending.
   */
  async amend(change: (certificate: Certificate) => Certificate): Promise<boolean> {
    const { active } = this;
    if (active === null || active.name === '' || active.stopping) return false;
    active.certificate = change(active.certificate);
    if (active.started !== null) await this.save(active.certificate);
    return true;
  }

  /**
   * How wall time follows from sensor time has changed. That may concern the last frames of a
   * recording that is ending, so it is certified until the certificate is final.
   */
  clockChanged(change: MappingChange): void {
    const { active } = this;
    if (active === null || active.name === '') return;
    const { certificate } = active;
    active.certificate = { ...certificate, clock: [...certificate.clock, entryOf(change)] };
    if (!active.stopping) active.saved = active.saved.then(() => this.save(active.certificate));
    this.followClock({ wallUs: change.wallUs, sensorNs: change.fromSensorNs });
  }

  /** To be called with the clocks of now: an armed recording begins at an instant of the wall clock. */
  followClock(now: Instant): void {
    const { active } = this;
    if (active === null || !active.armed || active.started !== null || active.stopping) return;
    const moved = movedStart(active.certificate, now);
    if (moved === null) return;
    active.certificate = moved.certificate;
    active.saved = active.saved.then(() => this.save(active.certificate));
    // It may have ended by itself meanwhile.
    void active.session.moveStart(moved.startAtNs).catch(() => undefined);
    const startsInMs = Math.round((moved.startAtNs - now.sensorNs) / 1e6);
    this.listener.onMoved(active.name, Math.max(0, startsInMs));
  }

  /**
   * Resolves with the certificate once the files are final; null where it was armed and is called
   * off. `forGood`: a program that starts anew does not go on with it.
   */
  async stop(reason: StopReason | 'schedule', forGood = false): Promise<Certificate | null> {
    const { active } = this;
    await active?.begun?.catch(() => undefined);
    if (active === null || (active.started === null && !active.armed)) {
      throw new Problem('not-recording', 'There is nothing to stop.');
    }
    if (!active.stopping) {
      active.stopping = true;
      active.bySchedule = reason === 'schedule';
      if (forGood) active.certificate = { ...active.certificate, plan: null };
      this.listener.onStateChanged();
      this.noteEncoder(active.session.status().encoder);
      // What it resolves with also comes as the recording-ended event, which alone is final. It
      // rejects where the recording has ended by itself meanwhile.
      await active.session
        .stopRecording(reason === 'schedule' ? 'requested' : reason)
        .catch(() => undefined);
    }
    return active.final;
  }

  /** Whether what the addon wrote can be found: its disk may have been unmounted below it. */
  private async isAllThere({ name, folder }: ActiveRecording, { files }: RecordingSummary) {
    const found = await Promise.all([
      fileAt(this.recordings.pathOf(name, '')),
      ...files.map(({ video }) => fileAt(this.recordings.pathOf(name, video))),
    ]);
    return folder !== null && found[0] === folder && !found.includes(null);
  }

  /** The addon's last word on a recording, whoever ended it. */
  async ended(summary: RecordingSummary): Promise<void> {
    const { active } = this;
    if (active?.name !== summary.name) return;
    active.stopping = true;
    this.listener.onStateChanged();
    await active.begun?.catch(() => undefined);
    await active.saved;
    for (const resolve of active.splits.splice(0)) resolve(null);
    const calledOff = summary.written === 0 && summary.reason === 'requested';
    if (calledOff && active.continues === null) {
      await this.recordings.discard(active.name).catch((error: unknown) => {
        this.listener.onTrouble(toProblem(error));
      });
      this.release(active, null);
      return;
    }
    const gone = !(await this.isAllThere(active, summary));
    const reason = gone ? 'disk-gone' : endReason(active, summary);
    const ending: Ending = { ...summary, reason };
    active.certificate = this.finish(active, ending);
    let saved: Certificate;
    do {
      saved = active.certificate;
      await this.save(saved);
    } while (active.certificate !== saved); // a hash came in the meantime, or the clock was set
    this.release(active, saved);
  }

  private release(active: ActiveRecording, certificate: Certificate | null): void {
    if (this.active === active) this.active = null;
    if (certificate === null) this.listener.onCalledOff(active.name);
    else this.listener.onEnded(certificate);
    this.listener.onStateChanged();
    active.resolveFinal(certificate);
  }
}
