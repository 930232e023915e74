import { toProblem } from '../../errors.js';
import { fail, ok, warn, type Check, type Finding } from '../check.js';
import { isRecording, trialFps, type Machine, type Native, type Trial } from '../machine.js';

const frames = 30;
/** To open, start, finish and close. */
const besidesMs = 5000;
const limitMs = ({ config }: Machine): number => besidesMs + (frames * 1000) / trialFps(config);

type Kind = 'v4l2' | 'software';

export const hardwareTrial: Check = {
  id: 'encoder-v4l2',
  title: 'Trial, hardware',
  limitMs,
  run: (machine) => {
    const { native } = machine;
    if (typeof native === 'string' || native.findEncoder() === null) return null;
    return tried('v4l2', machine, native);
  },
};

export const softwareTrial: Check = {
  id: 'encoder-software',
  title: 'Trial, software',
  limitMs,
  run: (machine) => {
    const { native } = machine;
    return typeof native === 'string' ? null : tried('software', machine, native);
  },
};

async function tried(kind: Kind, machine: Machine, native: Native): Promise<Finding> {
  if (isRecording(machine)) {
    return warn('Not tried, because a recording runs.', 'Ask again once it has ended.');
  }
  // What recordings would not be made with, or not without another one to take over, is no failure.
  const complain = isDecisive(kind, machine, native) ? fail : warn;
  try {
    const trial = await native.tryEncoder(kind, frames);
    const detail = described(trial);
    if (trial.decoded < trial.written) {
      return complain(
        `${detail}, of which only ${trial.decoded} can be decoded`,
        'Update the system (its encoder is broken), or choose the other encoder.',
      );
    }
    if (trial.written === frames) return ok(detail);
    return complain(
      `${detail}: it is too slow for this, or the machine too busy`,
      kind === 'software'
        ? 'Choose the preset ultrafast, a smaller picture or a lower frame rate, or end what else runs.'
        : 'Choose a smaller picture or a lower frame rate, or end what else uses the encoder.',
    );
  } catch (error) {
    return complain(toProblem(error).detail, 'Do what it says, or choose the other encoder.');
  }
}

function isDecisive(kind: Kind, { config }: Machine, native: Native): boolean {
  if (kind === 'v4l2') return config.encoder.kind === 'v4l2';
  return config.encoder.kind === 'software' || native.findEncoder() === null;
}

function described({ written, width, height, fps, ms }: Trial): string {
  const seconds = (ms / 1000).toFixed(1);
  return `${written} of ${frames} frames of ${width}×${height} at ${fps} fps in ${seconds} s`;
}
