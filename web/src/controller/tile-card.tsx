import { Component } from 'preact';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { clockOffset, clockTime, count, decimal, longTime } from '../format';
import { t } from '../i18n';
import type { MonitorState } from '../types';
import { fleet, toggle } from './fleet-store';
import type { Tile } from './types';
import { showTile, viewObserver } from './wall-client';

interface TileProps {
  tile: Tile;
  selected: boolean;
  /** No picture is asked for. */
  still: boolean;
  /** Whoever looks may also change something. */
  operates: boolean;
}

/** Drawn again only where something of it has changed: a hundred others may have. */
export class TileCard extends Component<TileProps> {
  override shouldComponentUpdate(next: TileProps): boolean {
    const { tile, selected, still, operates } = this.props;
    if (next.tile !== tile || next.selected !== selected) return true;
    return next.still !== still || next.operates !== operates;
  }

  override render({ tile, selected, still, operates }: TileProps): JSX.Element {
    const state = tile.conflict
      ? 'failed'
      : tile.reachable
        ? (tile.state ?? 'idle')
        : 'unreachable';
    const impostors = tile.unproved.length > 0;
    return (
      <li class="tile" data-state={state} data-number={tile.number} data-id={tile.id}>
        <Picture
          number={tile.number}
          name={tile.name}
          old={still || !tile.reachable || !tile.streaming}
        />
        <header>
          <label class="tile-name">
            {operates && (
              <input
                type="checkbox"
                checked={selected}
                aria-label={t.controller.select(tile.name)}
                onChange={() => toggle(tile.id)}
              />
            )}
            <span>{tile.name}</span>
          </label>
          {impostors && (
            <span class="badge impostor" data-state="failed">
              {t.controller.impostor}
            </span>
          )}
          <span class="badge" data-state={state}>
            {stateWord(tile)}
          </span>
        </header>
        <Figures tile={tile} />
        {tile.conflict && <p class="problem">{t.controller.twoMachines}</p>}
        {impostors && <p class="problem">{t.controller.unproved(tile.unproved.join(', '))}</p>}
        {tile.problem !== null && <p class="problem">{tile.problem}</p>}
        {!tile.streaming && <p class="quiet">{t.controller.streamingOff}</p>}
        {tile.problem === null && tile.lastError !== null && (
          <p class="quiet">{t.controller.lastError(tile.lastError)}</p>
        )}
        <footer>
          <small>{[tile.address, ...tile.groups].join(', ')}</small>
          {operates && (
            <button
              type="button"
              class="edit"
              aria-label={`${t.controller.edit}: ${tile.name}`}
              onClick={() => fleet.update({ edited: tile.id })}
            >
              {t.controller.edit}
            </button>
          )}
          <a
            class="button"
            href={tile.page}
            target="_blank"
            rel="noreferrer"
            aria-label={`${t.controller.open}: ${tile.name}`}
          >
            {t.controller.open}
          </a>
        </footer>
      </li>
    );
  }
}

function Picture(props: { number: number; name: string; old: boolean }): JSX.Element {
  const { number, name, old } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const shown = canvas.current;
    if (shown === null) return;
    showTile(number, shown);
    viewObserver.observe(shown);
    return () => {
      viewObserver.unobserve(shown);
      showTile(number, null);
    };
  }, [number]);
  return (
    <canvas
      ref={canvas}
      class={old ? 'old' : ''}
      data-number={number}
      width={320}
      height={180}
      role="img"
      aria-label={name}
    />
  );
}

function Figures({ tile }: { tile: Tile }): JSX.Element {
  const { losses, figures } = tile;
  const none = t.controller.noFigure;
  const { hoursLeft, temperatureC, offsetMs, uncertaintyMs, recordingSeconds } = figures;
  return (
    <dl class="figures">
      <Figure name={t.controller.losses} alarm={(losses ?? 0) > 0}>
        {losses === null ? none : count(losses)}
      </Figure>
      <Figure name={t.controller.disk} alarm={hoursLeft !== null && hoursLeft < 2}>
        {hoursLeft === null ? none : longTime(hoursLeft)}
      </Figure>
      <Figure name={t.controller.clock} alarm={Math.abs(offsetMs ?? 0) > 1000}>
        {offsetMs === null ? none : clockOffset(offsetMs, uncertaintyMs)}
      </Figure>
      <Figure name={t.controller.temperature} alarm={(temperatureC ?? 0) >= 80}>
        {temperatureC === null ? none : `${decimal(temperatureC, 0)} °C`}
      </Figure>
      {recordingSeconds !== null && (
        <Figure name={t.record.elapsed} alarm={false}>
          {clockTime(recordingSeconds)}
        </Figure>
      )}
    </dl>
  );
}

function Figure(props: { name: string; alarm: boolean; children: string }): JSX.Element {
  return (
    <div class={props.alarm ? 'alarm' : ''}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function stateWord({ conflict, reachable, state }: Tile): string {
  if (conflict) return t.controller.conflict;
  if (!reachable) return t.controller.unreachable;
  return t.states[(state ?? 'connecting') as MonitorState | 'connecting'];
}
