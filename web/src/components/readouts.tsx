import type { ComponentChildren, JSX } from 'preact';
import { ageText, bytes, count, decimal, longTime } from '../format';
import { t } from '../i18n';
import { statusWord } from '../i18n/server';
import { store } from '../state';
import { useStore } from '../store';
import type { Losses, Stage, Status } from '../types';
import { useTick } from '../use-tick';
import { HealthPlots } from './health-plots';

type Encoder = Status['encoder'];

/** What the monitor says of itself; what is not as it should be stands out. */
export function Readouts(): JSX.Element {
  const status = useStore(store, (state) => state.status);
  const old = useStore(store, (state) => state.reachable) === false;
  return (
    <section class={`panel ${old ? 'old' : ''}`} aria-label={t.readouts.section}>
      {status && old && <Age />}
      {status && <LossReadout losses={status.losses} />}
      <dl class="readouts">{status && <Readings status={status} />}</dl>
      <HealthPlots />
    </section>
  );
}

/** Without answers the figures stand still: since when they may be untrue. */
function Age(): JSX.Element {
  const statusAt = useStore(store, (state) => state.statusAt);
  const now = useTick(500);
  return <p class="age">{t.readouts.old(ageText(Math.max(0, now - statusAt)))}</p>;
}

function LossReadout({ losses }: { losses: Losses }): JSX.Element {
  const stages = Object.entries(losses) as [Stage, number][];
  const lost = stages.reduce((sum, [, frames]) => sum + frames, 0);
  return (
    <div id="losses" class={`losses ${lost > 0 ? 'alarm' : ''}`} role="status">
      <h2>{lost === 0 ? t.readouts.noLoss : t.readouts.lost(lost, count(lost))}</h2>
      <dl>
        {stages.map(([stage, frames]) => (
          <div key={stage} data-stage={stage} class={frames > 0 ? 'lost' : ''}>
            <dt>{t.readouts.stages[stage]}</dt>
            <dd>{count(frames)}</dd>
          </div>
        ))}
      </dl>
      <small>{t.readouts.lostSince}</small>
    </div>
  );
}

/** Less than this and a person should be told before the animal is in the arena. */
const lowDiskHours = 2;
/** Data the disk has not acknowledged for longer would be lost with the power. */
const oldUnsyncedMs = 1500;

function Readings({ status }: { status: Status }): JSX.Element {
  const { camera, encoder, disk, health, clock, preview, recording } = status;
  return (
    <>
      <Reading
        name={t.readouts.disk}
        alarm={disk.hoursLeft !== null && disk.hoursLeft < lowDiskHours}
      >
        {disk.freeBytes === null ? t.readouts.unknown : bytes(disk.freeBytes)}
        {disk.hoursLeft !== null && `, ${t.readouts.diskLeft(longTime(disk.hoursLeft))}`}
      </Reading>
      {recording && disk.unsyncedMs !== null && (
        <Reading name={t.readouts.unsynced} alarm={disk.unsyncedMs > oldUnsyncedMs}>
          {t.units.seconds(decimal(disk.unsyncedMs / 1000, 1))}
        </Reading>
      )}
      <Reading name={t.readouts.viewers}>{preview.viewers}</Reading>
      <Reading name={t.readouts.camera} alarm={camera === null}>
        {camera?.model ?? t.readouts.none}
      </Reading>
      {camera && (
        <Reading name={t.readouts.picture}>
          {t.readouts.pictureSize(camera.width, camera.height, decimal(camera.fps, 1))}
        </Reading>
      )}
      <Reading name={t.readouts.encoder} alarm={refused(encoder)}>
        {encoderText(encoder)}
      </Reading>
      {health.temperatureC !== null && (
        <Reading name={t.readouts.temperature} alarm={health.throttled.length > 0}>
          {decimal(health.temperatureC, 1)} °C
          {health.throttled.length > 0 &&
            `, ${t.readouts.slowed(health.throttled.map(statusWord).join(', '))}`}
        </Reading>
      )}
      {health.undervoltage === true && (
        <Reading name={t.readouts.power} alarm>
          {t.readouts.undervoltage}
        </Reading>
      )}
      <Reading name={t.readouts.clock}>
        {statusWord(clock.source)}
        {clock.uncertaintyMs !== null && ` ± ${decimal(clock.uncertaintyMs, 1)} ms`}
      </Reading>
    </>
  );
}

/** While nothing is recorded: what is asked for, and what there is for it. */
function encoderText({ active, requested, hardware, device, reason, note }: Encoder): string {
  if (active === null) {
    const found = hardware === null ? t.readouts.noHardware : t.readouts.hardware(hardware);
    return `${requested}, ${found}`;
  }
  return [device === null ? active : `${active} ${device}`, reason, note]
    .filter((part) => part !== null)
    .join(', ');
}

/** Every recording would be refused. */
function refused({ requested, hardware }: Encoder): boolean {
  return requested === 'v4l2' && hardware === null;
}

interface ReadingProps {
  name: string;
  alarm?: boolean;
  children: ComponentChildren;
}

function Reading({ name, alarm = false, children }: ReadingProps): JSX.Element {
  return (
    <div class={alarm ? 'alarm' : ''}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
