import { chooseLanguage, language, t } from './i18n';
import type { Language } from './i18n';
import type { Session } from './session';
import type { Codec, FallbackReason } from './preview';
import { Store } from './store';
import type { Job, RecordingItem, Status } from './types';

/** One line at the bottom of the page; kept until the page is loaded again. */
export interface Notice {
  key: number;
  wallUs: number;
  title: string;
  detail: string;
  remedy: string | null;
}

export interface PageState {
  /** Null before the first answer or failure. */
  reachable: boolean | null;
  status: Status | null;
  /** When `status` came, on performance.now(). */
  statusAt: number;
  /** Newest first. */
  recordings: RecordingItem[];
  /** Conversions, in the order in which they were asked for. */
  jobs: Job[];
  notices: Notice[];
  /** What the person asked for; the socket follows. */
  streaming: boolean;
  settingsOpen: boolean;
  /** The region of interest is being drawn on the picture. */
  drawingRegion: boolean;
  /** Counts up with each change of the settings, for those who show some of them. */
  settingsApplied: number;
  /** Rate, latency and skipped frames of the live view. */
  showFigures: boolean;
  /** Histogram, and marks on what is over-exposed. */
  showLight: boolean;
  language: Language;
  /** Null before the monitor has said who this browser is to it. */
  session: Session | null;
  /** How the live view is sent to this browser. */
  codec: Codec;
}

const streamKey = 'pi-monitor.streaming';
const codecKey = 'pi-monitor.codec';

export const store = new Store<PageState>({
  reachable: null,
  status: null,
  statusAt: 0,
  recordings: [],
  jobs: [],
  notices: [],
  streaming: localStorage.getItem(streamKey) !== 'off',
  settingsOpen: false,
  drawingRegion: false,
  settingsApplied: 0,
  showFigures: false,
  showLight: false,
  language,
  session: null,
  codec: localStorage.getItem(codecKey) === 'h264' ? 'h264' : 'jpeg',
});

/** Remembered in this browser: who stopped the stream to spare a thin network wants it stopped tomorrow. */
export function setStreaming(streaming: boolean): void {
  localStorage.setItem(streamKey, streaming ? 'on' : 'off');
  store.update({ streaming });
}

/** Remembered in this browser. */
export function setCodec(codec: Codec): void {
  localStorage.setItem(codecKey, codec);
  store.update({ codec });
}

/** The live view goes on with pictures; what was chosen is tried again when the page is loaded. */
export function noteFallback(reason: FallbackReason): void {
  const { title, details } = t.errors.noVideo;
  addNotice({ wallUs: Date.now() * 1000, title, detail: details[reason], remedy: null });
}

/** The monitor has taken a change of its settings. */
export function noteSettingsApplied(): void {
  store.update({ settingsApplied: store.get().settingsApplied + 1 });
}

/** Draws the whole page anew; the language stays where its texts cannot be had. */
export async function setLanguage(chosen: Language): Promise<void> {
  await chooseLanguage(chosen).catch(() => undefined);
  store.update({ language });
}

/** More than anyone reads; a fault that repeats for days must not fill the phone's memory. */
const mostNotices = 300;
let noticeCount = 0;

export function addNotice(notice: Omit<Notice, 'key'>): void {
  const notices = [{ key: ++noticeCount, ...notice }, ...store.get().notices];
  store.update({ notices: notices.slice(0, mostNotices) });
}
