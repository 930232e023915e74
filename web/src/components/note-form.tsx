import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { timeOfDay } from '../format';
import { t } from '../i18n';
import { takeNote } from '../monitor-client';

/** Notes on a running recording: each is stamped with the frame of the instant its writing began. */
export function NoteForm(): JSX.Element {
  const [text, setText] = useState('');
  /** When the first letter was typed, ms since 1970: what was seen is earlier than its words. */
  const [begunMs, setBegunMs] = useState<number | null>(null);
  const [taken, setTaken] = useState<{ wallUs: number; text: string }[]>([]);
  const [busy, setBusy] = useState(false);

  const write = (value: string): void => {
    setText(value);
    if (value.trim() === '') setBegunMs(null);
    else setBegunMs((begun) => begun ?? performance.now());
  };
  const take = async (): Promise<void> => {
    setBusy(true);
    const agoMs = begunMs === null ? 0 : performance.now() - begunMs;
    const note = await takeNote(text.trim(), agoMs);
    setBusy(false);
    if (note === null) return; // the reason stands below; the words are not lost
    setTaken([note, ...taken]);
    write('');
  };
  return (
    <form
      class="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        void take();
      }}
    >
      <label>
        {t.record.note}
        <span class="note-line">
          <input
            name="note"
            autocomplete="off"
            maxLength={2000}
            value={text}
            onInput={(event) => write(event.currentTarget.value)}
          />
          <button type="submit" disabled={busy || text.trim() === ''}>
            {t.record.noteTake}
          </button>
        </span>
      </label>
      <ol id="notes" aria-live="polite">
        {taken.map((note, i) => (
          <li key={taken.length - i}>
            <time>{timeOfDay(note.wallUs)}</time> {note.text}
          </li>
        ))}
      </ol>
    </form>
  );
}
