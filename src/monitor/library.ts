import { Problem } from '../errors.js';
import type { DerivedFile } from '../media/derived.js';
import type { RecordingProgress } from '../native.js';
import type { Certificate } from './certificate.js';
import type { Running } from './active-recording.js';
import { wholeProgress } from './continuation.js';
import { itemOf, withProgress, type RecordingItem, type RecordingState } from './recording-item.js';
import type { Recorder } from './recorder.js';
import type { Recordings } from './recordings.js';
import { withTransfer, type Checksum } from './transfer.js';

/** A person asked, or it was copied and its time was over. */
export type Removal = 'asked' | 'retention';

export interface LibraryListener {
  /** Nothing may write in the recording's folder once this has resolved. */
  beforeRemoval: (name: string) => Promise<void>;
  onRemoved: (name: string, why: Removal) => void;
  /** `by`: who has a copy. */
  onTransferred: (name: string, by: string) => void;
}

/** What one can know of the recording that runs, if one does. */
export interface RunningView {
  running: () => Running | null;
  progress: () => RecordingProgress | null;
  isBeingRepaired: (name: string) => boolean;
  /** Changes the certificate of the one that runs; false where it is another. */
  amendBesides: Recorder['amendBesides'];
}

/** All recordings as they are shown: those that have ended, and the one that runs as it stands now. */
export class Library {
  constructor(
    private readonly recordings: Recordings,
    private readonly view: RunningView,
    private readonly listener: LibraryListener,
  ) {}

  /** Newest first. */
  async list(): Promise<RecordingItem[]> {
    const certificates = await this.recordings.list();
    return certificates.map((one) => itemOf(this.current(one), this.stateOf(one)));
  }

  /** The certificate, with the fields of the list. */
  async get(name: string): Promise<Omit<Certificate, 'verdict'> & RecordingItem> {
    const certificate = this.current(await this.recordings.get(name));
    return { ...certificate, ...itemOf(certificate, this.stateOf(certificate)) };
  }

  /** Notes that there is a copy of it, where its checksums are those of the certificate. */
  async markTransferred(
    name: string,
    copied: readonly Checksum[],
    by: string,
  ): Promise<Certificate> {
    if (this.isRunning(name)) throw new Problem('recording-running', `Stop ${name} first.`);
    await this.recordings.amend(name, (certificate) => withTransfer(certificate, copied, by));
    const marked = await this.recordings.get(name);
    this.listener.onTransferred(name, by);
    return marked;
  }

  async remove(name: string, why: Removal = 'asked'): Promise<void> {
    if (this.isRunning(name)) throw new Problem('recording-running', `Stop ${name} first.`);
    this.refuseIfRepaired(name);
    await this.listener.beforeRemoval(name);
    await this.recordings.remove(name);
    this.listener.onRemoved(name, why);
  }

  private stateOf(certificate: Certificate): RecordingState {
    if (this.runs(certificate)) return this.view.running()?.started == null ? 'armed' : 'recording';
    return this.view.isBeingRepaired(certificate.name) ? 'repairing' : 'ended';
  }

  /** Those whose files are final, newest first. */
  async ended(): Promise<string[]> {
    const items = await this.list();
    return items
      .filter(
        ({ name, state, stop }) => stop !== null && state === 'ended' && !this.isRunning(name),
      )
      .map(({ name }) => name);
  }

  /** A recording whose files are final. */
  async final(name: string): Promise<{ certificate: Certificate; folder: string }> {
    const certificate = await this.recordings.get(name);
    const folder = await this.recordings.folderOf(name);
    if (folder === null) throw new Problem('not-found', `There is no recording ${name}.`);
    if (this.isRunning(name) || certificate.stop === null) {
      throw new Problem('recording-running', `${name} has not ended yet.`);
    }
    this.refuseIfRepaired(name);
    return { certificate, folder };
  }

  /** Names files that were made from a recording, and are in its folder, in its certificate. */
  async addDerived(name: string, files: DerivedFile[]): Promise<void> {
    const named = (certificate: Certificate): Certificate => ({
      ...certificate,
      derived: [...(certificate.derived ?? []), ...files],
    });
    // One that was broken off may have gone on while it was converted.
    if (await this.view.amendBesides(name, named)) return;
    await this.recordings.amend(name, named);
  }

  private refuseIfRepaired(name: string): void {
    if (!this.view.isBeingRepaired(name)) return;
    throw new Problem('recording-running', `${name} is being repaired: wait until that is done.`);
  }

  private isRunning(name: string): boolean {
    return this.view.running()?.name === name;
  }

  /** A certificate with its stop is final, a moment before the recorder is free again. */
  private runs({ name, stop }: Certificate): boolean {
    return stop === null && this.isRunning(name);
  }

  private current(certificate: Certificate): Certificate {
    const progress = this.runs(certificate) ? this.view.progress() : null;
    if (progress === null) return certificate;
    const before = this.view.running()?.continues ?? null;
    const whole = before === null ? progress : wholeProgress(progress, before);
    return withProgress(certificate, whole);
  }
}
