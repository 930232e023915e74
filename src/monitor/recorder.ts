import { stat } from 'node:fs/promises';
import type { Config } from '../config/schema.js';
import { Problem, toProblem } from '../errors.js';
import type {
  EncoderStatus,
  NativeEvent,
  RecordingStarted,
  RecordingSummary,
  Session,
  StopReason,
} from '../native.js';
import { Serial } from '../system/serial.js';
import type { Certificate, EndReason, Ending } from './certificate.js';
import { encoderRequest } from './encoder-request.js';
import type { Recordings } from './recordings.js';
import { withHash, withSegment } from './segments.js';

/** What a file manager, a copy and a player handle well. */
const segmentMs = 30 * 60 * 1000;
const segmentBytes = 2e9;

export interface Begin {
  session: Session;
  settings: Config;
  /** Who asked for it. */
  by: string;
  /** The wanted name; the recording may get it with a number behind. */
  name: string;
  /** Infinity: until stopped. */
  durationMs: number;
  /** Throws where the disk has no room, or is another one. */
  checkDisk: () => Promise<void>;
  /** The certificate as it stands before the first frame, for the name the recording got. */
  certificate: (name: string) => Certificate;
}

/** A recording that runs, from before its first frame until its certificate is final. */
export interface Running {
  name: string;
  /** Who asked for it. */
  by: string;
  certificate: Certificate;
  /** Null until the first frame is through the gate. */
  started: RecordingStarted | null;
  durationMs: number;
  stopping: boolean;
}

export interface RecorderListener {
  onStateChanged: () => void;
  onStarted: (running: Running) => void;
  onEnded: (certificate: Certificate) => void;
  /** The certificate could not be written; the video goes on. */
  onTrouble: (problem: Problem) => void;
}

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
    private readonly finish: (opened: Certificate, summary: Ending) => Certificate,
  ) {}

  get running(): Running | null {
    return this.active;
  }

  refuseIfRunning(): void {
    if (this.active === null) return;
    throw new Problem('recording-running', `Stop ${this.active.name || 'it'} first.`);
  }

  /** Resolves once the first frame is through the gate. */
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
    this.listener.onStarted(active);
    this.listener.onStateChanged();
    return active;
  }

  private async begin(active: ActiveRecording, { session, settings, name, ...begin }: Begin) {
    await begin.checkDisk();
    await this.recordings.prepare();
    active.name = await this.recordings.create(name);
    try {
      active.certificate = begin.certificate(active.name);
      await this.recordings.save(active.certificate);
      active.started = await session.startRecording({
        folder: this.recordings.pathOf(active.name, ''),
        name: active.name,
        container: 'mp4',
        numbered: true,
        segmentMs,
        segmentBytes,
        encoder: encoderRequest(settings),
        maxDurationMs: Number.isFinite(begin.durationMs) ? begin.durationMs : 0,
      });
    } catch (error) {
      await active.saved;
      await this.recordings.discard(active.name);
      throw error;
    }
    active.folder = await fileAt(this.recordings.pathOf(active.name, ''));
    active.certificate = withStart(active.certificate, active.started);
    this.noteEncoder(session.status().encoder);
    active.saved = active.saved.then(() => this.save(active.certificate));
    await active.saved;
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
    recording,
    file,
  }: Extract<NativeEvent, { type: 'segment-opened' | 'segment-closed' }>) {
    const { active } = this;
    if (active?.name !== recording) return;
    const { certificate } = active;
    active.certificate = { ...certificate, files: withSegment(certificate.files, file) };
    active.saved = active.saved.then(() => this.save(active.certificate));
  }

  async hashed({ recording, file, sha256 }: Extract<NativeEvent, { type: 'file-hashed' }>) {
    const { active } = this;
    if (active?.name === recording) {
      const { certificate } = active;
      active.certificate = { ...certificate, files: withHash(certificate.files, file, sha256) };
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

  /** Resolves with the certificate once the files are final. */
  async stop(reason: StopReason | 'schedule'): Promise<Certificate> {
    const { active } = this;
    await active?.begun?.catch(() => undefined);
    if (active?.started == null) {
      throw new Problem('not-recording', 'There is nothing to stop.');
    }
    if (!active.stopping) {
      active.stopping = true;
      active.bySchedule = reason === 'schedule';
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
    const gone = !(await this.isAllThere(active, summary));
    const ending = { ...summary, reason: gone ? 'disk-gone' : endReason(active, summary) } as const;
    const certificate = this.finish(active.certificate, ending);
    active.certificate = certificate;
    await this.save(certificate);
    // Hashes that came in the meantime.
    if (active.certificate !== certificate) await this.save(active.certificate);
    if (this.active === active) this.active = null;
    this.listener.onEnded(certificate);
    this.listener.onStateChanged();
    active.resolveFinal(certificate);
  }
}

class ActiveRecording implements Running {
  name = '';
  /** What was to be written of the certificate is written. */
  saved = Promise.resolve();
  /** Set before anything native knows of the recording. */
  certificate!: Certificate;
  /** Which folder it is that the addon writes to; null where it was gone at once. */
  folder: string | null = null;
  started: RecordingStarted | null = null;
  stopping = false;
  /** Whether it was the schedule that asked for the end. */
  bySchedule = false;
  begun: Promise<void> | null = null;
  readonly session: Session;
  readonly durationMs: number;
  readonly by: string;
  readonly final: Promise<Certificate>;
  resolveFinal!: (certificate: Certificate) => void;

  constructor({ session, durationMs, by }: Begin) {
    this.session = session;
    this.by = by;
    this.durationMs = durationMs;
    this.final = new Promise((resolve) => (this.resolveFinal = resolve));
  }
}

/** The addon knows nothing of a schedule: to it the end was asked for, or the time was over. */
function endReason(active: ActiveRecording, { reason }: RecordingSummary): EndReason {
  const timeOver = reason === 'duration' && active.by === 'schedule';
  return timeOver || (reason === 'requested' && active.bySchedule) ? 'schedule' : reason;
}

function withStart(opened: Certificate, started: RecordingStarted): Certificate {
  const { firstWallUs: wallUs, firstSensorNs: sensorNs } = started;
  return {
    ...opened,
    start: { ...opened.start, wallUs, sensorNs },
    clock: opened.clock.map((one) =>
      one.reason === 'start' ? { ...one, fromSensorNs: sensorNs, wallUs } : one,
    ),
  };
}

/** Device and inode, which tell a file from another of the same name; null where there is none. */
async function fileAt(path: string): Promise<string | null> {
  return stat(path).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => null,
  );
}
