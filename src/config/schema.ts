import { Type, type Static, type TProperties } from '@sinclair/typebox';
import { hookMoments, type HookMoment } from '../hooks/hook-event.js';
import { choice } from './annotations.js';
import { MqttSchema } from './mqtt.js';

/**
 * The one description of the configuration: types, defaults, validation, and the form on the page.
 * A field is here only if something reads it.
 */

const restart = { 'x-applies': 'restart' } as const;
const live = { 'x-applies': 'live' } as const;
const nextRecording = { 'x-applies': 'next-recording' } as const;
const fileOnly = { 'x-applies': 'restart', 'x-remote': false } as const;

function section<T extends TProperties>(title: string, fields: T) {
  return Type.Object(fields, { title, additionalProperties: false });
}

const camera = section('Camera', {
  id: Type.String({
    title: 'Camera',
    description:
      'An id from the list of cameras; auto takes the first one found, else the synthetic camera.',
    default: 'auto',
    minLength: 1,
    maxLength: 300,
    ...restart,
  }),
  width: Type.Integer({
    title: 'Width',
    description: 'Of the recorded picture. The camera may adjust it to what it can do.',
    unit: 'px',
    default: 1280,
    minimum: 320,
    maximum: 4096,
    multipleOf: 2,
    ...restart,
  }),
  height: Type.Integer({
    title: 'Height',
    description: 'Of the recorded picture.',
    unit: 'px',
    default: 720,
    minimum: 180,
    maximum: 3072,
    multipleOf: 2,
    ...restart,
  }),
  fps: Type.Number({
    title: 'Frame rate',
    description: 'Pictures recorded a second.',
    unit: 'fps',
    default: 30,
    minimum: 1,
    maximum: 240,
    ...restart,
  }),
  sync: choice(['off', 'server', 'client'], {
    title: 'Frames in step',
    description:
      'With other Raspberry Pi cameras of the same fixed rate: one is the server, the others follow it as clients. Only where libcamera offers SyncMode; it has not run on hardware yet.',
    default: 'off',
    ...restart,
  }),
});

const preview = section('Live view', {
  width: Type.Integer({
    title: 'Width',
    description: 'Of the largest live picture; slow viewers are given a half or a quarter of it.',
    unit: 'px',
    default: 640,
    minimum: 320,
    maximum: 1920,
    multipleOf: 2,
    ...live,
  }),
  fps: Type.Number({
    title: 'Frame rate',
    description: 'The most pictures a second a viewer is sent.',
    unit: 'fps',
    default: 15,
    minimum: 1,
    maximum: 60,
    ...live,
  }),
  quality: Type.Integer({
    title: 'JPEG quality',
    description: 'Higher is sharper and needs more network.',
    default: 75,
    minimum: 20,
    maximum: 95,
    ...live,
  }),
});

const presets = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const;

const encoder = section('Encoder', {
  kind: choice(['auto', 'v4l2', 'software'], {
    title: 'Encoder',
    description:
      'v4l2 is the hardware of a Pi Zero 2 W, 3 or 4, up to 1080p30; auto takes it where it is there and fits.',
    default: 'auto',
    ...nextRecording,
  }),
  bitrate: Type.Number({
    title: 'Bitrate',
    description:
      'Of the hardware encoder; 0 goes by the picture: 3.9 at 720p30, 8.7 at 1080p30. An hour at 4 is 1.8 GB.',
    unit: 'Mb/s',
    default: 0,
    minimum: 0,
    maximum: 25,
    ...live,
  }),
  quality: Type.Integer({
    title: 'Constant rate factor',
    description: 'Of the software encoder: 18 is nearly lossless, 23 good, 30 small.',
    default: 23,
    minimum: 0,
    maximum: 51,
    ...live,
  }),
  preset: choice(presets, {
    title: 'Preset',
    description:
      'Of the software encoder: superfast suits a Pi 5, ultrafast one that loses frames; a laptop can do veryfast, whose files are smaller.',
    default: 'superfast',
    ...nextRecording,
  }),
  threads: Type.Integer({
    title: 'Threads',
    description:
      'Of the software encoder: 1 does 1080p30 on a Pi 5 or a laptop; take 2 or 3 for more, and leave the camera one core.',
    default: 1,
    minimum: 1,
    maximum: 8,
    ...nextRecording,
  }),
  gop: Type.Number({
    title: 'Keyframe distance',
    description: 'A player can jump to keyframes only; closer ones make larger files.',
    unit: 's',
    default: 1,
    minimum: 0.1,
    maximum: 10,
    ...live,
  }),
});

const recording = section('Recording', {
  nameTemplate: Type.String({
    title: 'Name',
    description:
      'Of a recording: {host}, {date}, {time} and any key of its metadata, such as {subject}.',
    default: '{host}_{date}_{time}',
    minLength: 1,
    maxLength: 200,
    ...nextRecording,
  }),
  duration: Type.String({
    title: 'Duration',
    description: 'Of a recording started without one: 90s, 15m, 2h, or inf until stopped.',
    format: 'duration',
    default: 'inf',
    ...nextRecording,
  }),
  container: choice(['mp4', 'mkv', 'h264'], {
    title: 'Container',
    description:
      'mp4 opens everywhere; mkv is as safe, with times to the millisecond; h264 is the bare stream, whose times are in the frame log only.',
    default: 'mp4',
    ...nextRecording,
  }),
  segmentDuration: Type.String({
    title: 'Segment length',
    description:
      'A new file begins at the first keyframe after it, without a frame lost: 10m, 30m, or inf for one file.',
    format: 'duration',
    default: '30m',
    ...nextRecording,
  }),
  segmentSize: Type.Integer({
    title: 'Segment size',
    description: 'A new file also begins once one has this size; 0 sets no limit.',
    unit: 'MB',
    default: 2000,
    minimum: 0,
    maximum: 1_000_000,
    ...nextRecording,
  }),
  preRoll: Type.Number({
    title: 'Pre-roll',
    description:
      'A recording begins with what was seen so long before; the encoder then runs all the time. 0 is none.',
    unit: 's',
    default: 0,
    minimum: 0,
    maximum: 60,
    ...live,
  }),
  resume: Type.Boolean({
    title: 'Go on after a restart',
    description:
      'A recording that nobody has stopped goes on, in a new file, when the program or the machine is started again.',
    default: true,
    ...live,
  }),
});

const disk = section('Disk', {
  reserveMegabytes: Type.Integer({
    title: 'Reserve',
    description: 'A recording stops cleanly when no more than this, or the share below, is free.',
    unit: 'MB',
    default: 500,
    minimum: 0,
    maximum: 1_000_000,
    ...live,
  }),
  reservePercent: Type.Number({
    title: 'Reserve as a share',
    description: 'Of the whole disk; the larger of the two holds.',
    unit: '%',
    default: 2,
    minimum: 0,
    maximum: 50,
    ...live,
  }),
  warnHours: Type.Number({
    title: 'Warn below',
    description: 'Once in a recording, when at its rate the disk is full in less than this.',
    unit: 'h',
    default: 6,
    minimum: 0,
    maximum: 1000,
    ...live,
  }),
});

const retention = section('Removal', {
  keepDays: Type.Number({
    title: 'Keep',
    description:
      'A recording of which a copy was made and compared is removed so long after; 0: never.',
    unit: 'days',
    default: 0,
    minimum: 0,
    maximum: 36_500,
    ...fileOnly,
  }),
  freeMegabytes: Type.Integer({
    title: 'Make room',
    description:
      'While less is free, recordings of which a copy was compared are removed, the oldest first; 0: never.',
    unit: 'MB',
    default: 0,
    minimum: 0,
    maximum: 100_000_000,
    ...fileOnly,
  }),
});

const hookName = Type.String({ minLength: 1, maxLength: 60 });
const hookMoment = Type.Array(Type.Unsafe<HookMoment>({ type: 'string', enum: [...hookMoments] }), {
  minItems: 1,
  uniqueItems: true,
});
const hookTimeout = Type.Optional(Type.String({ format: 'finite-duration' }));

const hooks = section('Hooks', {
  commands: Type.Array(
    Type.Object(
      {
        name: hookName,
        on: hookMoment,
        /** The program and its arguments; no shell reads them. */
        command: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 50 }),
        timeout: hookTimeout,
      },
      { additionalProperties: false },
    ),
    {
      title: 'Commands',
      description:
        'Programs called when a recording starts, closes a segment, stops, or on errors.',
      default: [],
      maxItems: 10,
      ...fileOnly,
    },
  ),
  webhooks: Type.Array(
    Type.Object(
      {
        name: hookName,
        on: hookMoment,
        url: Type.String({ format: 'web-address' }),
        timeout: hookTimeout,
      },
      { additionalProperties: false },
    ),
    {
      title: 'Webhooks',
      description: 'Addresses that are sent the same as JSON.',
      default: [],
      maxItems: 10,
      ...fileOnly,
    },
  ),
});

const server = section('Server', {
  port: Type.Integer({
    title: 'Port',
    description: 'Where the page and the API are served; 0 takes any free one.',
    default: 8000,
    minimum: 0,
    maximum: 65_535,
    ...fileOnly,
  }),
  host: Type.String({
    title: 'Listen address',
    description: 'all, or one address of this machine.',
    format: 'listen-address',
    default: 'all',
    ...fileOnly,
  }),
  announce: choice(['mdns', 'off'], {
    title: 'Announce',
    description: 'mdns tells the local network that it is here; controllers find monitors so.',
    default: 'mdns',
    ...fileOnly,
  }),
  allowFrom: Type.Array(Type.String({ format: 'network' }), {
    title: 'Served networks',
    description:
      'Addresses or networks (192.0.2.0/24) served besides private ones and those of this machine.',
    default: [],
    maxItems: 100,
    ...fileOnly,
  }),
  hostNames: Type.Array(Type.String({ format: 'host-name' }), {
    title: 'Further host names',
    description: 'Names under which browsers reach this machine besides its own.',
    default: [],
    maxItems: 100,
    ...fileOnly,
  }),
  tls: section('TLS', {
    cert: Type.String({
      title: 'Certificate',
      description: 'File with the chain in PEM; with it the server speaks HTTPS only. Empty: HTTP.',
      default: '',
      maxLength: 1000,
      ...fileOnly,
    }),
    key: Type.String({
      title: 'Private key',
      description: 'File with the key of the certificate in PEM.',
      default: '',
      maxLength: 1000,
      ...fileOnly,
    }),
  }),
});

export const ConfigSchema = Type.Object(
  {
    camera,
    preview,
    encoder,
    recording,
    disk,
    retention,
    hooks,
    mqtt: MqttSchema,
    server,
    dataFolder: Type.String({
      title: 'Data folder',
      description: 'Where recordings and the state of this machine are kept.',
      default: '~/pi-monitor',
      minLength: 1,
      maxLength: 1000,
      ...fileOnly,
    }),
  },
  { title: 'pi-monitor', additionalProperties: false },
);

export type Config = Static<typeof ConfigSchema>;
