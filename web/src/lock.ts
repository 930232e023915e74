import { call } from './api';
import type { ControlInfo, ControlValue, Measured, Status } from './types';

type Values = Record<string, ControlValue>;

const manualFocus = 'AfModeManual';

/** What a camera does by itself: the control that says so, and whether it does so now. */
function automatics(controls: readonly ControlInfo[]): { id: string; on: boolean }[] {
  return controls.flatMap(({ id, value }) => {
    if (id === 'AeEnable' || id === 'AwbEnable') return [{ id, on: value === true }];
    return id === 'AfMode' ? [{ id, on: value !== manualFocus }] : [];
  });
}

/** Whether this camera has anything that could be locked. */
export function canLock(controls: readonly ControlInfo[]): boolean {
  return automatics(controls).length > 0;
}

export function isLocked(controls: readonly ControlInfo[]): boolean {
  return canLock(controls) && automatics(controls).every(({ on }) => !on);
}

/** What freezes every automatic that is on at what the camera says of its newest frame. */
export function lockValues(controls: readonly ControlInfo[], measured: Measured): Values {
  const on = new Set(automatics(controls).flatMap(({ id, on }) => (on ? [id] : [])));
  const values: Values = {
    ...(on.has('AeEnable') && { AeEnable: false }),
    ...(on.has('AwbEnable') && { AwbEnable: false }),
    ...(on.has('AfMode') && { AfMode: manualFocus }),
  };
  for (const { id, automatic, value } of held(measured)) {
    const control = controls.find((one) => one.id === id);
    if (control && on.has(automatic)) values[id] = within(control, value);
  }
  return values;
}

/** What gives everything back to the camera. */
export function unlockValues(controls: readonly ControlInfo[]): Values {
  const values = automatics(controls).map(({ id }) => {
    const control = controls.find((one) => one.id === id);
    return [id, id === 'AfMode' ? focusAgain(control) : true] as const;
  });
  return Object.fromEntries(values);
}

function focusAgain(control: ControlInfo | undefined): ControlValue {
  const continuous = 'AfModeContinuous';
  return control?.choices.includes(continuous) ? continuous : (control?.default ?? manualFocus);
}

export interface Drift {
  id: string;
  unit: string;
  locked: number;
  now: number;
}

/** How far the camera is from what it was locked at, for each value it tells of. */
export function drifts(controls: readonly ControlInfo[], measured: Measured): Drift[] {
  return held(measured).flatMap(({ id, value }) => {
    const control = controls.find((one) => one.id === id);
    if (!control) return [];
    const locked = [control.value].flat();
    return [value].flat().flatMap((now, i) => {
      const at = locked[i];
      return typeof at === 'number' ? [{ id, unit: control.unit, locked: at, now }] : [];
    });
  });
}

/** Steady: no value has moved by more than this share from one look to the next. */
const steadyShare = 0.01;
const looksInARow = 4;
const lookEveryMs = 400;
const patienceMs = 10_000;

/** Waits until the automatics have come to rest, at most ten seconds; null where there is no telling. */
export async function convergedValues(): Promise<Measured | null> {
  let last: Measured | null = null;
  let steady = 0;
  for (const until = performance.now() + patienceMs; performance.now() < until;) {
    const { measured } = await call<Status>('GET', '/status');
    steady = measured && last && isSteady(last, measured) ? steady + 1 : 0;
    last = measured;
    if (steady >= looksInARow) break;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return last;
}

function isSteady(before: Measured, now: Measured): boolean {
  const [a, b] = [before, now].map((one) => held(one).flatMap(({ value }) => value));
  return (b ?? []).every((value, i) => Math.abs(value - (a?.[i] ?? 0)) <= steadyShare * value);
}

/** What the camera tells of, by the control that sets it and the automatic that else does. */
function held(measured: Measured): { id: string; automatic: string; value: number | number[] }[] {
  const { exposureUs, gain, colourGains, lensPosition } = measured;
  return [
    ...(exposureUs === null
      ? []
      : [{ id: 'ExposureTime', automatic: 'AeEnable', value: exposureUs }]),
    ...(gain === null ? [] : [{ id: 'AnalogueGain', automatic: 'AeEnable', value: gain }]),
    ...(colourGains ? [{ id: 'ColourGains', automatic: 'AwbEnable', value: colourGains }] : []),
    ...(lensPosition === null
      ? []
      : [{ id: 'LensPosition', automatic: 'AfMode', value: lensPosition }]),
  ];
}

function within({ type, min, max }: ControlInfo, value: number | number[]): number | number[] {
  const fit = (one: number): number => {
    const bounded = Math.min(max ?? Infinity, Math.max(min ?? -Infinity, one));
    return type === 'integer' ? Math.round(bounded) : bounded;
  };
  return Array.isArray(value) ? value.map(fit) : fit(value);
}
