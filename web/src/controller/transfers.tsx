import type { JSX } from 'preact';
import { bytes, count, localTime } from '../format';
import { t } from '../i18n';
import { retryTransfer, stopTransfer } from './actions';
import { useFleet } from './fleet-store';
import type { Transfer, TransferItem } from './types';

/** Older ones are in the API. */
const shown = 3;

export function Transfers(): JSX.Element | null {
  const transfers = useFleet((state) => state.transfers);
  if (transfers.length === 0) return null;
  return (
    <section class="panel report" id="transfers" aria-labelledby="transfers-title">
      <h2 id="transfers-title">{t.controller.transfers}</h2>
      {transfers.slice(0, shown).map((transfer) => (
        <OneTransfer key={transfer.id} transfer={transfer} />
      ))}
    </section>
  );
}

function OneTransfer({ transfer }: { transfer: Transfer }): JSX.Element {
  const { id, startedWallUs, state, items, destination } = transfer;
  const done = items.filter((item) => item.state === 'done').length;
  const words =
    items.length === 0
      ? t.controller.nothingNew
      : t.controller.transferred(count(done), count(items.length));
  return (
    <div class="transfer" data-state={state}>
      <p>
        <time>{localTime(startedWallUs)}</time> {words}
        {destination !== null && ` → ${destination}`}
      </p>
      {state === 'running' && (
        <p class="whole">
          <progress {...progressOf(items)} aria-label={words} />
          <button type="button" onClick={() => void stopTransfer(id)}>
            {t.controller.stopTransfer}
          </button>
        </p>
      )}
      {state === 'failed' && (
        <button type="button" onClick={() => void retryTransfer(transfer)}>
          {t.controller.retryTransfer}
        </button>
      )}
      <ul>
        {items
          .filter((item) => item.state !== 'done')
          .map((item) => (
            <Item key={`${item.monitor} ${item.recording ?? ''}`} item={item} />
          ))}
      </ul>
    </div>
  );
}

/** Of all that is known of by now; no value: nothing is yet. */
function progressOf(items: TransferItem[]): { max?: number; value?: number } {
  const max = items.reduce((sum, { totalBytes }) => sum + (totalBytes ?? 0), 0);
  if (max === 0) return {};
  return { max, value: items.reduce((sum, item) => sum + valueOf(item), 0) };
}

/** On its second way it begins again. */
function valueOf({ state, bytes, sentBytes }: TransferItem): number {
  return state === 'sending' ? sentBytes : bytes;
}

function Item({ item }: { item: TransferItem }): JSX.Element {
  const { name, recording, state, totalBytes, detail } = item;
  const label = recording === null ? name : `${name} ${recording}`;
  return (
    <li class={state === 'failed' ? 'problem' : ''}>
      {label}: {t.controller.transferStates[state]} {detail}
      {totalBytes !== null && (
        <span class="whole">
          <progress max={totalBytes} value={valueOf(item)} aria-label={label} />
          <small>
            {bytes(valueOf(item))} / {bytes(totalBytes)}
          </small>
        </span>
      )}
    </li>
  );
}
