import { setTimeout as delay } from 'node:timers/promises';
import { toProblem } from '../../errors.js';
import type { Status } from '../../monitor/status.js';
import { reliableCall } from '../commands/reliable-call.js';
import type { Member } from '../member.js';
import type { Run, RunMonitor, RunWish } from './shapes.js';

/** Before the start, so that all can still be called off. */
const marginMs = 500;
/** So long before the start it is looked once more whether all are armed, and so long an answer takes. */
const lastLookMs = 1500;
const lastLookPatienceMs = 700;
/** After the start, for the first frames to be through and told. */
const firstFrameMs = 10_000;
const pollMs = 250;

export interface Start {
  run: Run;
  wish: RunWish;
  /** Those of `run.monitors` that take part, in the same order. */
  members: Member[];
  parts: RunMonitor[];
  wallUs: () => number;
}

/**
 * Arms all for one instant, each told in its own clock, and looks once more shortly before it. Returns
 * why that failed, or null; where it failed those that were armed are called off again. Where the
 * others are to begin without whoever is not ready, it fails only where nobody is.
 */
export async function armAll(start: Start, startAtWallUs: number): Promise<string | null> {
  await tellAll(start, startAtWallUs);
  if (allReady(start)) await lookAgain(start, startAtWallUs);
  if (allReady(start)) return null;
  if (start.wish.without === true && start.parts.some(isReady)) {
    void callOff(start, (part) => !isReady(part)); // who got the order, but was not heard
    return null;
  }
  await callOff(start, () => true);
  return 'Not all could be armed in time.';
}

function isReady({ state }: RunMonitor): boolean {
  return state === 'ready';
}

function allReady({ parts }: Start): boolean {
  return parts.every(isReady);
}

async function tellAll(start: Start, startAtWallUs: number): Promise<void> {
  await eachOf(start, async (member, part) => {
    const reading = member.link.clock;
    if (reading === null) throw new Error('its clock is not known any more');
    part.offsetUs = Math.round(reading.offsetUs);
    part.uncertaintyUs = Math.ceil(reading.uncertaintyUs);
    const { name, duration, metadata } = start.wish;
    const body = {
      ...(name !== undefined && { name }),
      ...(duration !== undefined && { duration }),
      metadata: { ...metadata, run: start.run.id },
      startAt: Math.round(startAtWallUs + reading.offsetUs),
      startFollowsClock: false, // or a clock that is set would take it out of step
    };
    const call = { method: 'POST', path: '/api/v1/recording', body } as const;
    const patienceMs = (startAtWallUs - start.wallUs()) / 1000 - marginMs;
    const key = `${start.run.id}-arm`;
    const answer = (await reliableCall(member, call, key, patienceMs)) as { name: string };
    part.recording = answer.name;
    part.state = 'ready';
  });
}

/** A monitor may have lost its camera, its power or its way to here since it was armed. */
async function lookAgain(start: Start, startAtWallUs: number): Promise<void> {
  const leftMs = (): number => (startAtWallUs - start.wallUs()) / 1000;
  await delay(Math.max(0, leftMs() - lastLookMs));
  await eachOf(start, async (member) => {
    const timeoutMs = Math.max(100, Math.round(Math.min(lastLookPatienceMs, leftMs())));
    const call = { method: 'GET', path: '/api/v1/status', timeoutMs } as const;
    const { state } = await member.json<Status>(call);
    if (state !== 'armed') throw new Error(`It was armed, and is ${state} now.`);
  });
}

/** Whoever got the order keeps none of it: also where its answer was lost. */
async function callOff(
  { run, members, parts }: Start,
  isMeant: (part: RunMonitor) => boolean,
): Promise<void> {
  await Promise.all(
    members.map(async (member, i) => {
      const part = parts[i];
      if (part === undefined || part.state === 'refused' || !isMeant(part)) return;
      const call = { method: 'DELETE', path: '/api/v1/recording' } as const;
      const isOthers = await hasOther(member, part);
      part.recording = null;
      if (isOthers) return;
      const answer = reliableCall(member, call, `${run.id}-off`);
      const problem = await answer.then(() => null, toProblem);
      if (part.state !== 'ready') return; // it has a reason already
      part.state = problem?.code === 'unreachable' ? 'unreachable' : 'refused';
      part.reason = problem?.detail ?? 'It was called off.';
    }),
  );
}

/** Whether it says that it has nothing of this run: what a person has begun there is not ended. */
async function hasOther(member: Member, { recording }: RunMonitor): Promise<boolean> {
  const status = await statusAt(member);
  return status !== null && status.state !== 'armed' && status.recording?.name !== recording;
}

/** Waits for each first frame, and says how far apart they are. */
export async function awaitFirstFrames(start: Start, startAtWallUs: number): Promise<void> {
  await delay(Math.max(0, (startAtWallUs - start.wallUs()) / 1000));
  const deadline = performance.now() + firstFrameMs;
  await eachOf(start, async (member, part) => {
    if (!isReady(part)) return;
    while (performance.now() < deadline) {
      const recording = (await statusAt(member))?.recording;
      if (recording?.name === part.recording && recording.startedWallUs !== null) {
        part.firstFrameWallUs = recording.startedWallUs - (part.offsetUs ?? 0);
        part.state = 'running';
        return;
      }
      await delay(pollMs);
    }
    throw member.refusal ?? new Error('No first frame came.');
  });
  const { run, parts } = start;
  const begun = parts.flatMap(({ firstFrameWallUs }) => firstFrameWallUs ?? []);
  if (begun.length === 0) return;
  run.spreadUs = Math.round(Math.max(...begun) - Math.min(...begun));
  const [first = 0, second = 0] = parts
    .map(({ uncertaintyUs }) => uncertaintyUs ?? 0)
    .sort((a, b) => b - a);
  run.uncertaintyUs = first + second;
}

async function statusAt(member: Member): Promise<Status | null> {
  const call = { method: 'GET', path: '/api/v1/status', timeoutMs: 3000 } as const;
  try {
    return await member.json<Status>(call);
  } catch {
    return null;
  }
}

/** The report stands in each recording's certificate too, as a note. */
export async function noteReport(start: Start): Promise<void> {
  const { run, parts } = start;
  const begun = parts.flatMap(({ firstFrameWallUs }) => firstFrameWallUs ?? []);
  const earliest = Math.min(...begun);
  await Promise.all(
    start.members.map(async (member, i) => {
      const part = parts[i];
      if (part?.firstFrameWallUs == null) return;
      const after = ((part.firstFrameWallUs - earliest) / 1000).toFixed(1);
      const spread = ((run.spreadUs ?? 0) / 1000).toFixed(1);
      const sure = ((run.uncertaintyUs ?? 0) / 1000).toFixed(1);
      const text =
        `Started together with ${begun.length - 1} others (run ${run.id}): first frame ${after} ms ` +
        `after the earliest, spread ${spread} ms, uncertain by ${sure} ms.`;
      const call = { method: 'POST', path: '/api/v1/recording/notes', body: { text } } as const;
      await reliableCall(member, call, `${run.id}-note`).catch(() => undefined); // the run keeps it too
    }),
  );
}

async function eachOf(
  { members, parts }: Start,
  work: (member: Member, part: RunMonitor) => Promise<void>,
): Promise<void> {
  await Promise.all(
    members.map(async (member, i) => {
      const part = parts[i];
      if (part === undefined) return;
      try {
        await work(member, part);
      } catch (error) {
        const { code, detail } = toProblem(error);
        part.state = code === 'unreachable' ? 'unreachable' : 'refused';
        part.reason = detail;
      }
    }),
  );
}
