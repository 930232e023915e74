import type { MonitorState, Stage } from '../types';

/**
 * Everything the page says by itself, in English. Every other language has the same keys, or the
 * page does not compile. What the server says is in `server-de.ts` and its kin.
 */
export const en = {
  language: 'English',
  close: 'Close',

  bar: {
    startStream: 'Start stream',
    stopStream: 'Stop stream',
    settings: 'Settings',
  },

  states: {
    connecting: 'Connecting',
    unreachable: 'No answer',
    starting: 'Starting',
    idle: 'Ready',
    recording: 'Recording',
    stopping: 'Stopping',
    'camera-lost': 'Camera lost',
    failed: 'Failed',
  } satisfies Record<MonitorState | 'connecting' | 'unreachable', string>,

  picture: {
    section: 'Preview',
    canvas: 'Live picture of the camera',
    cameraLost: 'Camera lost',
    cameraFailed: 'The camera cannot be used',
    stopped: 'Stream stopped',
    unreachable: 'No answer from the monitor, trying again',
    waiting: 'Waiting for the picture',
    connecting: 'Connecting',
    old: (age: string) => `The picture is ${age} old`,
    showFigures: 'Rate and latency',
    showLight: 'Histogram and over-exposure',
    fullScreen: 'Full screen',
    rate: 'Shown',
    skipped: 'Skipped',
    latency: 'Latency',
    glassToGlass: 'Glass to glass',
    latencyFigures: (median: string, p95: string, worst: string) =>
      `${median} ms, 95 % under ${p95} ms, worst ${worst} ms`,
    histogram: 'Histogram of the brightness',
    over: (percent: string) => `${percent} % over-exposed`,
  },

  record: {
    section: 'Recording',
    start: 'Record',
    stop: 'Stop recording',
    elapsed: 'Recorded time',
    name: 'Name',
    namePlaceholder: 'host and time',
    duration: 'Duration',
    durationPlaceholder: 'until stopped',
    subject: 'Subject',
    session: 'Session',
    ownName: 'Field',
    ownValue: 'Value',
    ownAdd: 'Add a field',
    ownRemove: (name: string) => `Remove the field ${name}`,
    note: 'Note',
    noteTake: 'Take note',
    forecast: (time: string) => `The disk lasts for ${time} at this rate.`,
    forecastFull: (time: string) => `Full at ${time}.`,
    running: (frames: string, size: string) => `${frames} frames, ${size}`,
    endsAt: (time: string) => `ends at ${time}`,
    stopTitle: 'Stop this recording?',
    stopNo: 'Go on recording',
    stopText: (name: string) => `${name} has been recording for`,
    stopFinal: 'It cannot be continued afterwards.',
  },

  readouts: {
    section: 'State of the monitor',
    open: 'Open to this network: whoever reaches this page can record and remove. No password is set.',
    old: (age: string) => `No answer: these figures are ${age} old`,
    noLoss: 'No frame lost',
    lost: (frames: string) => `${frames} frames lost`,
    lostSince: 'since the camera was started',
    stages: {
      sensor: 'sensor',
      source: 'source',
      encoder: 'encoder',
      writer: 'writer',
    } satisfies Record<Stage, string>,
    disk: 'Disk free',
    diskLeft: (time: string) => `${time} left`,
    unsynced: 'Not yet on disk',
    viewers: 'Viewers',
    camera: 'Camera',
    picture: 'Picture',
    pictureSize: (width: number, height: number, fps: string) =>
      `${width} × ${height} at ${fps} fps`,
    encoder: 'Encoder',
    noHardware: 'no hardware encoder',
    hardware: (node: string) => `hardware encoder ${node}`,
    temperature: 'Temperature',
    slowed: (reasons: string) => `slowed: ${reasons}`,
    power: 'Power',
    undervoltage: 'voltage too low',
    clock: 'Clock',
    unknown: 'unknown',
    none: 'none',
  },

  files: {
    title: 'Recordings',
    allowRemoval: 'Allow removal',
    caution: 'What is removed is gone for good: there is no bin.',
    none: 'None yet.',
    running: 'Being recorded',
    play: 'Play',
    playName: (name: string) => `Play ${name}`,
    certificate: 'Certificate',
    remove: 'Remove',
    removeName: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove ${name}?`,
    removeYes: 'Remove for good',
    removeNo: 'Keep it',
    removeText: (size: string) =>
      `The whole recording, ${size}, will be gone for good. It cannot be undone.`,
    frames: (count: string) => `${count} frames`,
    video: 'Video',
    log: 'Log',
    verdicts: {
      complete: 'Complete',
      gaps: 'Frames missing',
      interrupted: 'Interrupted',
    },
    /** Why a recording ended, by the certificate's reasons. */
    endings: {
      requested: 'stopped by a person',
      duration: 'its set time was over',
      schedule: 'its scheduled time was over',
      'disk-reserve': 'stopped before the disk was full',
      'disk-gone': 'the disk was taken away',
      'disk-error': 'the disk failed or was full',
      'camera-lost': 'the camera was lost',
      'encoder-failed': 'the encoder failed',
      shutdown: 'the monitor was shut down',
      crash: 'the monitor crashed',
      power: 'cut off by a power failure or a crash',
    } as Record<string, string>,
  },

  settings: {
    title: 'Settings',
    close: 'Close settings',
    page: 'This page',
    pageLanguage: 'Language',
    controls: 'Picture',
    controlsHint: 'Takes effect at once, in a running recording too.',
    noControls: 'This camera has none.',
    resetControls: 'Reset to defaults',
    controlNumber: (control: string) => `${control}, number`,
    general: 'General',
    apply: 'Apply',
    applyRestarts: 'Apply and restart the camera',
    applied: 'Applied.',
    defaultIs: (value: string) => `Default: ${value}.`,
    fileOnly: 'Set in the configuration file or on the command line.',
    nextRecording: 'From the next recording on.',
    restarts: 'Restarts the camera.',
    restartsNotNow: 'Restarts the camera: not while recording.',
    masked: 'not shown over the network',
    none: 'none',
  },

  errors: {
    title: 'Errors',
    none: 'None since this page was opened.',
    lost: (frames: number, count: string, stage: string) =>
      `${count} ${frames === 1 ? 'frame' : 'frames'} lost at the ${stage}`,
    /** Where to look, for each stage at which a frame can be lost. */
    lossMeaning: {
      sensor: 'The camera did not deliver them.',
      source: 'The machine did not take them from the camera in time: it is too busy.',
      encoder:
        'The encoder did not keep up: lower the frame rate or the size, or choose a faster preset.',
      writer: 'The disk did not keep up, or failed.',
    } satisfies Record<Stage, string>,
    pageFailed: 'This page failed',
    unreachable: 'The monitor does not answer',
    unreachableDetail: 'Check its power and the network. This page goes on trying.',
    unreadable: 'The monitor gave an answer that this page cannot read',
    /**
     * What a person at the machine can do, by the server's codes. Its errors say what is wrong and
     * where; only for those whose cure is at the machine there is a line here.
     */
    remedies: {
      'camera-lost': 'Check the camera’s cable. The monitor keeps trying to open it again.',
      'camera-busy': 'Close the other program that uses the camera.',
      'disk-full': 'Copy recordings elsewhere and remove them here, or connect a larger disk.',
      'disk-gone': 'Connect the disk again. What it had acknowledged is on it.',
      'disk-unwritable': 'Check the disk and who owns the data folder.',
      'encoder-unavailable': 'Choose the software encoder in the settings.',
      'encoder-failed': 'Start the recording again; if that fails, restart the Pi.',
      'encoder-refused': 'Choose a smaller picture or the software encoder in the settings.',
    } as Record<string, string>,
  },

  units: {
    fps: (value: string) => `${value} fps`,
    minutes: (value: string) => `${value} min`,
    hours: (value: string) => `${value} h`,
    days: (value: string) => `${value} days`,
    seconds: (value: string) => `${value} s`,
  },
};

export type Texts = typeof en;
