import type { InputHTMLAttributes, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

interface NumberFieldProps extends Omit<InputHTMLAttributes, 'value'> {
  value: unknown;
  /** Null where the field is empty or holds no number. */
  onNumber: (value: number | null) => void;
}

/** A number as it is typed: `0.` on the way to `0.5` stays as it is. */
export function NumberField({ value, onNumber, ...attributes }: NumberFieldProps): JSX.Element {
  const [text, setText] = useState(textOf(value));
  useEffect(() => {
    if (numberOf(text) !== value) setText(textOf(value));
  }, [value]);
  return (
    <input
      {...attributes}
      type="number"
      inputMode="decimal"
      value={text}
      onInput={(event) => {
        setText(event.currentTarget.value);
        onNumber(numberOf(event.currentTarget.value));
      }}
    />
  );
}

function textOf(value: unknown): string {
  return typeof value === 'number' ? String(value) : '';
}

function numberOf(text: string): number | null {
  return text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text);
}
