import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DeskView } from '../../../src/access/pairing-desk.js';
import { localTime } from '../format';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { usePairing, type PairingClient } from '../pairing-client';

/** Pairs this monitor with a controller by a code that is typed there, and lists those it is paired with. */
export function Pairing(): JSX.Element {
  const client = usePairing();
  const [onlyView, setOnlyView] = useState(false);
  const { desk, problem } = client;
  return (
    <section class="pairing" aria-labelledby="pairing-title">
      <h3 id="pairing-title">{t.pairing.title}</h3>
      <p class="hint">{t.pairing.hint}</p>
      <Pairings client={client} />
      {desk.shown === null ? (
        <>
          <label class="tick">
            <input
              type="checkbox"
              checked={onlyView}
              onChange={(event) => setOnlyView(event.currentTarget.checked)}
            />
            {t.pairing.onlyView}
          </label>
          <button
            type="button"
            id="pair"
            onClick={() => void client.show(onlyView ? 'view' : 'operate')}
          >
            {t.pairing.show}
          </button>
        </>
      ) : (
        <Code shown={desk.shown} onCancel={() => void client.cancel()} />
      )}
      <p role="status">{desk.ended && t.pairing.ends[desk.ended]}</p>
      {problem && (
        <p class="problem" role="alert">
          {problemTitle(problem)}. {problem.detail}
        </p>
      )}
    </section>
  );
}

interface CodeProps {
  shown: NonNullable<DeskView['shown']>;
  onCancel: () => void;
}

function Code({ shown, onCancel }: CodeProps): JSX.Element {
  const { code, leftMs, triesLeft } = shown;
  return (
    <>
      <p>{t.pairing.typeThere}</p>
      <output id="pairing-code">{code}</output>
      <p>
        {t.pairing.left((leftMs / 1000).toFixed(0))} {t.pairing.tries(String(triesLeft))}
      </p>
      <button type="button" onClick={onCancel}>
        {t.pairing.cancel}
      </button>
    </>
  );
}

function Pairings({ client: { pairings, remove } }: { client: PairingClient }): JSX.Element {
  if (pairings.length === 0) return <p>{t.pairing.none}</p>;
  return (
    <ul aria-label={t.pairing.title}>
      {pairings.map(({ id, name, role, createdWallUs, seenWallUs }) => (
        <li key={id}>
          <span>
            {name} {t.pairing.roles[role]}{' '}
            <small>
              {t.pairing.since(localTime(createdWallUs))}
              {seenWallUs !== null && `, ${t.pairing.seen(localTime(seenWallUs))}`}
            </small>
          </span>
          <button
            type="button"
            aria-label={t.pairing.removeOf(name)}
            onClick={() => void remove(id)}
          >
            {t.pairing.remove}
          </button>
        </li>
      ))}
    </ul>
  );
}
