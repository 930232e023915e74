import { Flow } from '../../src/http/live/flow.js';

export interface Link {
  bytesPerSecond: number;
  /** One way. */
  delayMs: number;
}

export interface Simulation {
  link: Link;
  fps: number;
  /** Bytes of a frame by size class, the widest first. */
  frameBytes: number[];
  seconds: number;
  /** What happens to the link meanwhile. */
  changeAt?: { second: number; link: Link };
}

export interface Outcome {
  /** Of each frame: when its last byte arrived, and how long before it was made. */
  arrivals: { atMs: number; ageMs: number; steps: number }[];
  finalWindow: number;
  finalSteps: number;
}

/**
 * Runs the flow control of one viewer against a link that carries frames one after the other, in
 * steps of a millisecond of simulated time. The viewer acknowledges at once.
 */
export function simulate({ link, fps, frameBytes, seconds, changeAt }: Simulation): Outcome {
  const flow = new Flow(1000 / fps);
  flow.mostSteps = frameBytes.length - 1;
  const intervalMs = 1000 / fps;
  const onTheWay: { sequence: number; madeMs: number; arriveMs: number; steps: number }[] = [];
  const acks: { sequence: number; atMs: number }[] = [];
  const arrivals: Outcome['arrivals'] = [];
  let lineFreeMs = 0;
  let sequence = 0;
  let madeMs = 0;
  let sentSequence = 0;
  let current = link;

  const send = (nowMs: number): void => {
    if (sentSequence === sequence || !flow.canSend()) return;
    sentSequence = sequence;
    flow.sent(sequence, nowMs);
    const bytes = frameBytes[flow.steps] ?? 0;
    lineFreeMs = Math.max(lineFreeMs, nowMs) + (bytes / current.bytesPerSecond) * 1000;
    const arriveMs = lineFreeMs + current.delayMs;
    onTheWay.push({ sequence, madeMs, arriveMs, steps: flow.steps });
  };

  for (let nowMs = 0; nowMs < seconds * 1000; nowMs++) {
    if (changeAt !== undefined && nowMs === changeAt.second * 1000) current = changeAt.link;
    if (nowMs >= sequence * intervalMs) {
      sequence++;
      madeMs = nowMs;
      send(nowMs);
    }
    while (onTheWay[0] !== undefined && onTheWay[0].arriveMs <= nowMs) {
      const { sequence, madeMs, steps } = onTheWay.shift() as (typeof onTheWay)[number];
      arrivals.push({ atMs: nowMs, ageMs: nowMs - madeMs, steps });
      acks.push({ sequence, atMs: nowMs + current.delayMs });
    }
    while (acks[0] !== undefined && acks[0].atMs <= nowMs) {
      const ack = acks.shift() as (typeof acks)[number];
      if (!flow.acked(ack.sequence, nowMs)) throw new Error(`${ack.sequence} was not sent`);
      if (nowMs - madeMs <= intervalMs) send(nowMs);
    }
  }
  return { arrivals, finalWindow: flow.window, finalSteps: flow.steps };
}
