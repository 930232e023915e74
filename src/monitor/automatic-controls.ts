import type { ControlValue } from '../native.js';

type Values = Record<string, ControlValue>;

/** The automatics of a camera, what switches each on, and the values it then sets by itself. */
const automatics: { id: string; on: (value: ControlValue) => boolean; sets: string[] }[] = [
  { id: 'AeEnable', on: (value) => value === true, sets: ['ExposureTime', 'AnalogueGain'] },
  { id: 'AwbEnable', on: (value) => value === true, sets: ['ColourGains', 'ColourTemperature'] },
  { id: 'AfMode', on: (value) => value !== 'AfModeManual', sets: ['LensPosition'] },
];

/**
 * `values` without those that an automatic which is switched on with them sets by itself: given
 * both at once, libcamera takes some of the values for a wish to set them by hand.
 */
export function withoutOverruled(values: Values): Values {
  const overruled = automatics.flatMap(({ id, on, sets }) => {
    const value = values[id];
    return value !== undefined && on(value) ? sets : [];
  });
  return without(values, overruled);
}

/** What holds after `values` were set on top of `before`: the later word counts. */
export function mergeControls(before: Values, values: Values): Values {
  const outdated = automatics.flatMap(({ id, on, sets }) => {
    const switched = values[id];
    if (switched !== undefined) return on(switched) ? sets : [];
    return sets.some((set) => Object.hasOwn(values, set)) ? [id] : [];
  });
  return { ...without(before, outdated), ...values };
}

function without(values: Values, ids: string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([id]) => !ids.includes(id)));
}
