import type { ClockSource } from './wall-clock.js';

/** The two clocks at one instant, and how good the wall clock is. */
export interface ClockSample {
  sensorNs: number;
  wallUs: number;
  /** Null is unknown. */
  uncertaintyUs: number | null;
  source: ClockSource;
}

/**
 * From this instant of the sensor's clock on, wall time is `wallUs` + (sensor time − `fromSensorNs`).
 * - `start`: the first of a recording.
 * - `step`: the wall clock was set.
 * - `sync`: it has come under the care of a time server; earlier frames can be corrected by this.
 * - `drift`: the two clocks have gone apart, or the time server was lost, after which they may.
 */
export interface MappingEntry {
  fromSensorNs: number | null;
  wallUs: number;
  uncertaintyUs: number | null;
  source: ClockSource;
  reason: 'start' | 'step' | 'sync' | 'drift';
}

export interface MappingChange extends MappingEntry {
  fromSensorNs: number;
  /** Wall time now less what the mapping before would give, in µs. */
  steppedUs: number;
}

/** What a certificate keeps of a change. */
export function entryOf(change: MappingChange): MappingEntry {
  const { fromSensorNs, wallUs, uncertaintyUs, source, reason } = change;
  return { fromSensorNs, wallUs, uncertaintyUs, source, reason };
}

/** A change of more than this from one sample to the next is a step. */
const stepUs = 50_000;
/** The fastest the kernel lets a clock be slewed: 500 parts in a million. */
const slewRate = 500e-6;
/** The mapping on record is replaced once it is off by more than this. */
const driftUs = 10_000;

/**
 * The mapping from sensor time to wall time, kept right by samples of both clocks. Linux slews
 * CLOCK_MONOTONIC and the wall clock alike, so on a healthy machine only a step changes it.
 */
export class ClockMapping {
  private latest: ClockSample | null = null;
  private recorded: ClockSample | null = null;

  /** Takes a sample, in the order of time. Returns the new mapping where there is one. */
  take(sample: ClockSample): MappingChange | null {
    const { latest, recorded } = this;
    this.latest = sample;
    if (latest === null || recorded === null) {
      this.recorded = sample;
      return null;
    }
    const reason = reasonFor(sample, latest, recorded);
    if (reason === null) return null;
    this.recorded = sample;
    const { sensorNs: fromSensorNs, wallUs, uncertaintyUs, source } = sample;
    const steppedUs = Math.round(deviationUs(sample, recorded));
    return { fromSensorNs, wallUs, uncertaintyUs, source, reason, steppedUs };
  }

  /** UTC of an instant of the sensor's clock, by the latest sample; null before the first. */
  wallUsAt(sensorNs: number): number | null {
    return this.latest === null ? null : predictUs(this.latest, sensorNs);
  }
}

function reasonFor(
  sample: ClockSample,
  latest: ClockSample,
  recorded: ClockSample,
): 'step' | 'sync' | 'drift' | null {
  if (sample.source === 'ntp' && latest.source !== 'ntp') return 'sync';
  const slewUs = ((sample.sensorNs - latest.sensorNs) / 1000) * slewRate;
  if (Math.abs(deviationUs(sample, latest)) > stepUs + slewUs) return 'step';
  if (sample.source !== 'ntp' && latest.source === 'ntp') return 'drift';
  return Math.abs(deviationUs(sample, recorded)) > driftUs ? 'drift' : null;
}

/** How far the wall clock is from where `from` lets one expect it. */
function deviationUs(sample: ClockSample, from: ClockSample): number {
  return sample.wallUs - predictUs(from, sample.sensorNs);
}

function predictUs(from: ClockSample, sensorNs: number): number {
  return from.wallUs + (sensorNs - from.sensorNs) / 1000;
}
