import type { JSX } from 'preact';
import { bytes, count, localTime } from '../format';
import { t } from '../i18n';
import { stopTransfer } from './actions';
import { useFleet } from './fleet-store';
import type { Transfer, TransferItem } from './types';

/** Older ones are in the API. */
const shown = 3;

export function Transfers(): JSX.Element | null {
  const transfers = useFleet((state) => state.transfers);
  if (transfers.length === 0) return null;
  return (
    <section class="panel report" id="transfers">
      <h2>{t.controller.transfers}</h2>
      {transfers.slice(0, shown).map((transfer) => (
        <OneTransfer key={transfer.id} transfer={transfer} />
      ))}
    </section>
  );
}

function OneTransfer({ transfer }: { transfer: Transfer }): JSX.Element {
  const { id, startedWallUs, state, items } = transfer;
  const done = items.filter((item) => item.state === 'done').length;
  return (
    <div data-state={state}>
      <p>
        <time>{localTime(startedWallUs)}</time>{' '}
        {items.length === 0
          ? t.controller.nothingNew
          : t.controller.transferred(count(done), count(items.length))}
        {state === 'running' && (
          <button type="button" onClick={() => void stopTransfer(id)}>
            {t.controller.stopTransfer}
          </button>
        )}
      </p>
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

function Item({ item }: { item: TransferItem }): JSX.Element {
  const { name, recording, state, totalBytes, detail } = item;
  return (
    <li class={state === 'failed' ? 'problem' : ''}>
      {name} {recording}: {t.controller.transferStates[state]} {detail}
      {totalBytes !== null && (
        <>
          <progress max={totalBytes} value={item.bytes} />
          <small>
            {bytes(item.bytes)} / {bytes(totalBytes)}
          </small>
        </>
      )}
    </li>
  );
}
