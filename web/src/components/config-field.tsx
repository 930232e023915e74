import type { JSX } from 'preact';
import type { Problem } from '../api';
import { t } from '../i18n';
import { fieldTexts } from '../i18n/server';
import type { Field } from '../schema';
import { CameraChoice } from './camera-choice';
import { NumberField } from './number-field';

interface ConfigFieldProps {
  field: Field;
  value: unknown;
  recording: boolean;
  problem: Problem | null;
  onChange: (value: unknown) => void;
}

/** What the server sends in place of paths and addresses of its machine. */
const masked = '…';

/** Of the input for a path such as `camera.fps`. */
export function idOf(path: string): string {
  return `config-${path}`;
}

export function ConfigField(props: ConfigFieldProps): JSX.Element {
  const { field, problem, recording } = props;
  const { schema, path } = field;
  const id = idOf(path);
  const { title, description } = fieldTexts(path, schema);
  return (
    <div class="field" data-field={path}>
      <label for={id}>
        {title}
        {schema.unit !== undefined && <span class="unit"> {schema.unit}</span>}
      </label>
      <Input {...props} id={id} />
      {problem && (
        <small id={`${id}-problem`} class="problem" role="alert">
          {problem.detail}
        </small>
      )}
      <small id={`${id}-hint`} class="hint">
        {description} {defaultText(schema.default)} {caution(field, recording)}
      </small>
    </div>
  );
}

function defaultText(value: unknown): string {
  const text = textOf(value);
  return text === '' ? '' : t.settings.defaultIs(text);
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function caution({ settable, restarts, waits }: Field, recording: boolean): string {
  if (!settable) return t.settings.fileOnly;
  if (waits) return recording ? t.settings.nextRecording : '';
  if (!restarts) return '';
  return recording ? t.settings.restartsNotNow : t.settings.restarts;
}

/** What cannot be set now is shown as text that can still be read and copied. */
function Input(props: ConfigFieldProps & { id: string }): JSX.Element {
  const { id, field, value, recording, problem, onChange } = props;
  if (!field.settable) {
    return (
      <output id={id}>
        {value === masked ? t.settings.masked : textOf(value) || t.settings.none}
      </output>
    );
  }
  const common = {
    id,
    disabled: recording && field.restarts,
    'aria-invalid': problem !== null,
    'aria-describedby': `${id}-problem ${id}-hint`,
  };
  if (field.path === 'camera.id') {
    return <CameraChoice {...common} value={textOf(value)} onChoose={onChange} />;
  }
  switch (field.kind) {
    case 'boolean':
      return (
        <input
          {...common}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <select
          {...common}
          value={textOf(value)}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {field.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      );
    case 'number':
      // In a merge patch null takes the value away: an emptied field goes back to its default.
      return (
        <NumberField
          {...common}
          min={field.schema.minimum}
          max={field.schema.maximum}
          step={field.schema.multipleOf ?? 'any'}
          value={value}
          onNumber={onChange}
        />
      );
    default:
      return (
        <input
          {...common}
          type="text"
          autocomplete="off"
          value={textOf(value)}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
