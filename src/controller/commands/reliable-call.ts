import { toProblem, type Problem } from '../../errors.js';
import { readAnswer } from '../api-answer.js';
import type { ApiCall } from '../api-caller.js';
import type { Member } from '../member.js';

/** A camera may have to start for it, or a file be finished on a slow disk. */
const usualPatienceMs = 20_000;
/** For one that is not there: it may just be back. */
const absentMs = 4000;
const pauseMs = 500;

export interface LateCall extends Omit<ApiCall, 'timeoutMs'> {
  /** Made as the call goes out, each time: for what may not be old, and may be done twice. */
  lateBody?: () => object;
}

/**
 * Does one thing at a monitor, and asks again where no answer comes: the monitor answers a call with
 * a key it knows without doing it twice. Throws what the monitor refuses it for, or `unreachable`.
 */
export async function reliableCall(
  member: Member,
  { lateBody, ...call }: LateCall,
  key: string,
  patienceMs = usualPatienceMs,
): Promise<unknown> {
  let deadline = performance.now() + patienceMs;
  /** The first time that it is seen to be absent, the deadline comes nearer. */
  const heedAbsence = (): void => {
    if (!member.reachable) deadline = Math.min(deadline, performance.now() + absentMs);
  };
  heedAbsence();
  for (let attempt = 1; ; attempt++) {
    // What is made anew is another call: it may be done twice, as setting a clock may.
    const itsKey = lateBody === undefined ? key : `${key}.${attempt}`;
    const headers = { ...call.headers, 'Idempotency-Key': itsKey };
    const timeoutMs = Math.max(1, Math.round(deadline - performance.now()));
    const body = lateBody?.() ?? call.body;
    try {
      return readAnswer(await member.call({ ...call, body, headers, timeoutMs }));
    } catch (error) {
      const problem = toProblem(error);
      heedAbsence();
      if (problem.code !== 'unreachable' || performance.now() + pauseMs > deadline) throw problem;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** How a failed call ended for a person: no answer is not a refusal. */
export function outcomeOf({ code, detail }: Problem): {
  state: 'refused' | 'unreachable';
  code: string;
  detail: string;
} {
  return { state: code === 'unreachable' ? 'unreachable' : 'refused', code, detail };
}
