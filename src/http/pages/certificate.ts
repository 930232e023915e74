import type { Certificate, EndReason } from '../../monitor/certificate.js';
import type { RecordingState } from '../../monitor/recording-item.js';
import { html, type Html } from './html.js';

/** What a person is told first. */
const verdicts = {
  complete: 'Complete: every frame the camera made is in the files.',
  gaps: 'With gaps: frames are missing. Where, how many and why is listed below.',
  interrupted:
    'Interrupted: it ended before anyone wanted it to. What was recorded until then holds.',
};

const endings: Record<EndReason, string> = {
  requested: 'It was stopped.',
  duration: 'Its time was over.',
  schedule: 'Its time by the schedule was over.',
  'disk-reserve': 'The disk was nearly full.',
  'disk-gone': 'The disk was taken away, or the file moved.',
  'disk-error': 'The disk did not take the video.',
  'camera-lost': 'The camera stopped delivering.',
  'encoder-failed': 'The encoder failed.',
  shutdown: 'The program was ended.',
  crash: 'The program died.',
  power: 'The machine lost its power, or was started anew.',
};

const stages = {
  sensor: 'at the sensor',
  source: 'for want of a free buffer',
  encoder: 'before the encoder',
  writer: 'before the disk',
};

const mappingReasons = {
  start: 'beginning',
  step: 'the clock was set',
  sync: 'a time server was reached',
  drift: 'the clocks went apart, or the time server was lost',
};

const gapReasons = {
  'camera-restarted': 'the camera was silent and was started again',
  'camera-reopened': 'the camera was silent and was opened anew',
  crash: 'the program had died',
  power: 'the machine was without power, or started anew',
  restart: 'the program was started anew',
};

type Shown = Omit<Certificate, 'verdict'> & {
  verdict: Certificate['verdict'] | null;
  state: RecordingState;
};

/** A certificate for a person to read or print. All times are UTC; nothing in it needs a script. */
export function certificatePage(certificate: Shown): string {
  const { name, repaired } = certificate;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Certificate of ${name}</title>
        <link rel="icon" type="image/svg+xml" href="/icon.svg" />
        <link rel="stylesheet" href="/certificate.css" />
      </head>
      <body>
        <h1>${name}</h1>
        <p class="verdict">${verdictOf(certificate)}</p>
        ${repaired ? repairs(certificate) : ''} ${course(certificate)} ${losses(certificate)}
        ${clock(certificate)} ${notes(certificate)} ${files(certificate)} ${derived(certificate)}
        ${pairs('Camera', certificate.camera ?? {})} ${pairs('Controls', certificate.controls)}
        ${pairs('Settings', certificate.settings ?? {})} ${pairs('Metadata', certificate.metadata)}
        ${pairs('Health', certificate.health)} ${pairs('Versions', certificate.versions)}
      </body>
    </html>`.text;
}

function verdictOf({ verdict, state }: Shown): string {
  if (state === 'armed') return 'It has not begun yet.';
  if (state === 'repairing') return 'It was broken off, and is being repaired.';
  return state === 'recording' || verdict === null
    ? 'It is still being recorded.'
    : verdicts[verdict];
}

/** What was done to the files after the program or the machine had failed. */
function repairs({ repair }: Shown): Html {
  const lines = ['The files were not closed, and have been repaired.'];
  if (repair?.certificateLost === true) {
    lines.push('The certificate was lost: this one is made from the frame logs.');
  }
  for (const { file, tail, bytes } of repair?.tails ?? []) {
    lines.push(`The last ${bytes} bytes of ${file} could not be played; they are kept in ${tail}.`);
  }
  for (const video of repair?.unreadable ?? []) {
    lines.push(`${video} has no whole frame; it was left as it is.`);
  }
  if (repair !== null && repair.rowsMade > 0) {
    lines.push(`${repair.rowsMade} rows of the frame logs were lost, and made from the video.`);
  }
  lines.push('Of the last moment before it was broken off, at most 0.6 s, nothing is known.');
  return html`${lines.map((line) => html`<p>${line}</p>`)}`;
}

function course({ start, stop, frames, intervals, gaps }: Shown): Html {
  const rows: [string, string][] = [
    ...(start.at === null ? [] : [['Armed for', utc(start.at.wallUs)] as [string, string]]),
    ['Begun', `${utc(start.wallUs)}, by ${start.by}`],
    ['First frame, sensor clock', nanoseconds(start.sensorNs)],
  ];
  if (stop !== null) {
    rows.push(['Ended', `${utc(stop.wallUs)}. ${endings[stop.reason]}`]);
    rows.push(['Last frame, sensor clock', nanoseconds(stop.sensorNs)]);
    if (start.sensorNs !== null && stop.sensorNs !== null) {
      // The sensor's clock begins anew with the machine.
      const anew = gaps.some(({ reason }) => reason === 'power');
      const seconds = anew
        ? (stop.wallUs - start.wallUs) / 1e6
        : (stop.sensorNs - start.sensorNs) / 1e9;
      rows.push(['Length', `${seconds.toFixed(3)} s`]);
    }
  } else rows.push(['Ended', 'not, as far as is known']);
  if (frames !== null) {
    const { expected, captured, encoded, written } = frames;
    rows.push(['Frames written', `${written} of ${expected} that the sensor made`]);
    rows.push(['Frames captured, encoded', `${captured}, ${encoded}`]);
  }
  if (intervals !== null) {
    const { medianUs, p99Us, maxUs } = intervals;
    rows.push(['Between frames', `median ${medianUs} µs, 99 % within ${p99Us}, most ${maxUs} µs`]);
  }
  return html`<h2>Course</h2>
    ${list(rows)}`;
}

function losses({ losses: lost, gaps }: Shown): Html {
  if (lost === null)
    return html`<h2>Lost frames</h2>
      <p>Not counted yet.</p>`;
  const counts = (['sensor', 'source', 'encoder', 'writer'] as const).map(
    (stage): [string, string] => [`Lost ${stages[stage]}`, String(lost[stage])],
  );
  const rows = gaps.map(({ afterFrame, frames, stage, sensorNs, reason }) => [
    String(afterFrame),
    String(frames),
    stages[stage] + (reason === undefined ? '' : `: ${gapReasons[reason]}`),
    nanoseconds(sensorNs),
  ]);
  return html`<h2>Lost frames</h2>
    ${list(counts)} ${table(['After frame', 'Frames', 'Lost', 'Next frame, sensor clock'], rows)}`;
}

function clock({ clock: mappings }: Shown): Html {
  const rows = mappings.map(({ fromSensorNs, wallUs, uncertaintyUs, source, reason }) => [
    nanoseconds(fromSensorNs),
    utc(wallUs),
    uncertaintyUs === null ? 'unknown' : `± ${(uncertaintyUs / 1000).toFixed(3)} ms`,
    `${source}, ${mappingReasons[reason]}`,
  ]);
  return html`<h2>Wall clock</h2>
    <p>From each instant of the sensor's clock on, wall time follows it from the time beside it.</p>
    ${table(['Sensor clock', 'UTC', 'Off by at most', 'Source'], rows)}`;
}

function notes({ notes: taken }: Shown): Html {
  const rows = taken.map(({ frame, wallUs, text }) => [String(frame), utc(wallUs), text]);
  return rows.length === 0
    ? html``
    : html`<h2>Notes</h2>
        ${table(['Frame', 'UTC', 'Note'], rows)}`;
}

function files({ files: all }: Shown): Html {
  const rows = all.map(({ path, bytes, frames, firstFrame, sha256 }) => [
    path,
    String(bytes ?? 'unknown'),
    String(frames ?? ''),
    String(firstFrame),
    sha256 ?? 'not known yet',
  ]);
  return html`<h2>Files</h2>
    ${table(['File', 'Bytes', 'Frames', 'First frame', 'SHA-256'], rows)}`;
}

/** What was converted from it since. */
function derived({ derived: all = [] }: Shown): Html {
  if (all.length === 0) return html``;
  const rows = all.map(({ path, bytes, frames, conversion, sha256 }) => [
    path,
    String(bytes),
    String(frames),
    flat('', conversion)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
    sha256,
  ]);
  return html`<h2>Made from it</h2>
    ${table(['File', 'Bytes', 'Frames', 'How', 'SHA-256'], rows)}`;
}

function pairs(title: string, values: object): Html {
  const rows = flat('', values);
  return rows.length === 0
    ? html``
    : html`<h2>${title}</h2>
        ${list(rows)}`;
}

/** Nested fields by their path, as the certificate's JSON has them. */
function flat(path: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return [[path, value.map(String).join(', ') || 'none']];
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) =>
      flat(path === '' ? key : `${path}.${key}`, inner),
    );
  }
  if (value === null) return [[path, 'unknown']];
  return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
}

function list(rows: [string, string][]): Html {
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

function table(head: string[], rows: string[][]): Html {
  if (rows.length === 0) return html``;
  const cells = (row: string[]): Html[] => row.map((cell) => html`<td>${cell}</td>`);
  return html`<table>
    <thead>
      <tr>
        ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${cells(row)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function utc(wallUs: number): string {
  return `${new Date(wallUs / 1000).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

function nanoseconds(sensorNs: number | null): string {
  return sensorNs === null ? 'unknown' : `${(sensorNs / 1e9).toFixed(6)} s`;
}
