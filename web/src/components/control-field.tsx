import type { JSX, TargetedEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../api';
import { t } from '../i18n';
import { choiceName, controlName, controlUnit } from '../i18n/server';
import type { ControlInfo, ControlValue } from '../types';

interface ControlFieldProps {
  control: ControlInfo;
  problem: Problem | null;
  onChange: (value: ControlValue) => void;
}

/** One of the camera's controls by its type, with what it stands at by default. */
export function ControlField({ control, problem, onChange }: ControlFieldProps): JSX.Element {
  // What the hand does is shown at once; what the camera answers takes its place.
  const [value, setValue] = useState(control.value);
  useEffect(() => setValue(control.value), [JSON.stringify(control.value)]);
  const change = (next: ControlValue): void => {
    setValue(next);
    onChange(next);
  };
  // A refused value is not the camera's: what it really stands at comes back, the message stays.
  useEffect(() => {
    if (problem) setValue(control.value);
  }, [problem]);
  const id = `control-${control.id}`;
  return (
    <div class="field" data-control={control.id}>
      <label for={id}>
        {controlName(control.id)}
        {control.unit !== '' && <span class="unit"> {controlUnit(control.unit)}</span>}
      </label>
      <Input id={id} control={control} value={value} onChange={change} />
      {problem && (
        <small class="problem" role="alert">
          {problem.detail}
        </small>
      )}
    </div>
  );
}

interface InputProps {
  id: string;
  control: ControlInfo;
  value: ControlValue;
  onChange: (value: ControlValue) => void;
}

function Input({ id, control, value, onChange }: InputProps): JSX.Element {
  if (typeof value === 'boolean') {
    return (
      <input
        id={id}
        type="checkbox"
        checked={value}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (typeof value === 'string') {
    return (
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {control.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choiceName(control.id, choice)}
          </option>
        ))}
      </select>
    );
  }
  if (typeof value === 'number') {
    return <NumberInput id={id} control={control} value={value} onChange={onChange} />;
  }
  return (
    <div class="numbers">
      {value.map((number, index) => (
        <NumberInput
          key={index}
          id={index === 0 ? id : `${id}-${index}`}
          control={control}
          value={number}
          onChange={(next) => onChange(value.map((old, at) => (at === index ? next : old)))}
        />
      ))}
    </div>
  );
}

interface NumberInputProps extends Omit<InputProps, 'value' | 'onChange'> {
  value: number;
  onChange: (value: number) => void;
}

/** A slider over the camera's real range, and the number itself for who knows it. */
function NumberInput({ id, control, value, onChange }: NumberInputProps): JSX.Element {
  const { min, max } = control;
  const bounded = min !== null && max !== null;
  const set = (event: TargetedEvent<HTMLInputElement>): void => {
    const next = event.currentTarget.valueAsNumber;
    if (Number.isFinite(next)) onChange(next);
  };
  const range = { min: min ?? undefined, max: max ?? undefined, value };
  return (
    <div class="slider">
      {bounded && <input id={id} type="range" {...range} step={stepOf(control)} onInput={set} />}
      <input
        id={bounded ? `${id}-number` : id}
        type="number"
        inputMode="decimal"
        aria-label={t.settings.controlNumber(controlName(control.id))}
        {...range}
        step={control.type === 'integer' ? 1 : 'any'}
        onChange={set}
      />
    </div>
  );
}

/** Whole numbers where the camera wants them, else about 200 steps of a round size. */
function stepOf({ type, min, max }: ControlInfo): number {
  if (type === 'integer' || min === null || max === null || max <= min) return 1;
  return 10 ** Math.floor(Math.log10((max - min) / 100));
}
