/**
 * The server's own types, so that there is one truth. Only types: none of its code is bundled.
 */
import type { RecordingItem } from '../../src/monitor/recording-item.js';

export type { JsonObject } from '../../src/config/merge-patch.js';
export type { ProblemJson } from '../../src/errors.js';
export type { MonitorEvent } from '../../src/monitor/events.js';
export type { Note } from '../../src/monitor/notes.js';
export type { AppliedPreset, Preset } from '../../src/monitor/presets.js';
export type { HistoryPoint } from '../../src/monitor/history.js';
export type { RecordingItem } from '../../src/monitor/recording-item.js';
export type { MonitorState, RecordingStatus, Status } from '../../src/monitor/status.js';
export type { ConversionKind, ConversionWish } from '../../src/media/conversion.js';
export type { DerivedFile } from '../../src/media/derived.js';
export type { Job } from '../../src/media/jobs.js';
export type {
  CameraInfo,
  ControlInfo,
  ControlValue,
  Losses,
  Measured,
  Stage,
} from '../../src/native.js';
export type RecordingFile = RecordingItem['files'][number];
export type { ScheduleView } from '../../src/http/routes/schedule.js';
export type {
  Entry as ScheduleEntry,
  EntryWish as ScheduleWish,
  Weekday,
} from '../../src/schedule/schema.js';
