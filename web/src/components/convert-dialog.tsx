import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../api';
import { t } from '../i18n';
import { convert } from '../jobs';
import type { ConversionKind, ConversionWish, RecordingItem } from '../types';
import { Modal } from './modal';

interface ConvertProps {
  recordings: RecordingItem[];
  onClose: () => void;
}

const kinds = ['mp4', 'constant-rate', 'smaller', 'time-lapse'] satisfies ConversionKind[];
const heights = [240, 360, 480, 720, 1080];
const qualities = ['low', 'medium', 'high'] as const;

/** What one or several recordings are to be converted to. Where an option is left empty the monitor chooses. */
export function ConvertDialog({ recordings, onClose }: ConvertProps): JSX.Element {
  const [wish, setWish] = useState<ConversionWish>({ kind: 'mp4' });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const refused = await convert(
      recordings.map(({ name }) => name),
      wish,
    );
    setBusy(false);
    setProblem(refused);
    if (refused === null) onClose();
  };
  const only = recordings.length === 1 ? recordings[0] : undefined;
  const title = only ? t.convert.title(only.name) : t.convert.titleMany(recordings.length);
  return (
    <Modal title={title} class="convert" onClose={onClose}>
      <form onSubmit={(event) => void start(event)}>
        <fieldset aria-label={t.convert.kind}>
          {kinds.map((kind) => (
            <label key={kind} class="kind">
              <input
                type="radio"
                name="kind"
                checked={wish.kind === kind}
                onChange={() => setWish({ kind })}
              />
              <span>
                <strong>{t.convert.kinds[kind].title}</strong>
                <span class="quiet">{t.convert.kinds[kind].help}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Options wish={wish} onChange={setWish} />
        {problem && <p role="alert">{problem.detail}</p>}
        <div class="answers">
          <button type="button" onClick={onClose}>
            {t.close}
          </button>
          <button type="submit" class="strong" disabled={busy}>
            {t.convert.start}
          </button>
        </div>
      </form>
    </Modal>
  );
}

interface OptionsProps {
  wish: ConversionWish;
  onChange: (wish: ConversionWish) => void;
}

function Options({ wish, onChange }: OptionsProps): JSX.Element {
  const { kind } = wish;
  const number = (name: 'fps' | 'every', label: string, placeholder: string, least: number) => (
    <label>
      {label}
      <input
        type="number"
        min={least}
        step="any"
        placeholder={placeholder}
        onInput={({ currentTarget: { value } }) => {
          const { [name]: _, ...rest } = wish;
          onChange(value === '' ? rest : { ...rest, [name]: Number(value) });
        }}
      />
    </label>
  );
  return (
    <div class="options">
      {kind === 'time-lapse' && number('every', t.convert.every, '30', 2)}
      {kind === 'constant-rate' && number('fps', t.convert.fps, t.convert.asRecorded, 1)}
      {kind === 'time-lapse' && number('fps', t.convert.fps, '30', 1)}
      {kind === 'smaller' && (
        <label>
          {t.convert.height}
          <select
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...wish, height: Number(value) })
            }
          >
            {heights.map((height) => (
              <option key={height} value={height} selected={height === (wish.height ?? 480)}>
                {t.convert.pixels(height)}
              </option>
            ))}
          </select>
        </label>
      )}
      {(kind === 'smaller' || kind === 'time-lapse') && (
        <label>
          {t.convert.quality}
          <select
            onChange={({ currentTarget: { selectedIndex } }) =>
              onChange({ ...wish, quality: qualities[selectedIndex] ?? 'medium' })
            }
          >
            {qualities.map((quality) => (
              <option key={quality} selected={quality === (wish.quality ?? 'medium')}>
                {t.convert.qualities[quality]}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
