import type { ComponentChildren, JSX } from 'preact';
import { ageText, bytes, count, longTime } from '../format';
import { store } from '../state';
import { useStore } from '../store';
import type { Losses, Status } from '../types';
import { useTick } from '../use-tick';

type Encoder = Status['encoder'];

/** What the monitor says of itself; what is not as it should be stands out. */
export function Readouts(): JSX.Element {
  const status = useStore(store, (state) => state.status);
  const old = useStore(store, (state) => state.reachable) === false;
  return (
    <section class={`panel ${old ? 'old' : ''}`} aria-label="State of the monitor">
      {status && old && <Age />}
      {status && <LossReadout losses={status.losses} />}
      <dl class="readouts">{status && <Readings status={status} />}</dl>
      <p class="open-notice">
        Open to this network: whoever reaches this page can record and remove. No password is set.
      </p>
    </section>
  );
}

/** Without answers the figures stand still: since when they may be untrue. */
function Age(): JSX.Element {
  const statusAt = useStore(store, (state) => state.statusAt);
  const now = useTick(500);
  return <p class="age">No answer: these figures are {ageText(Math.max(0, now - statusAt))} old</p>;
}

function LossReadout({ losses }: { losses: Losses }): JSX.Element {
  const stages = Object.entries(losses);
  const lost = stages.reduce((sum, [, frames]) => sum + frames, 0);
  return (
    <div id="losses" class={`losses ${lost > 0 ? 'alarm' : ''}`} role="status">
      <h2>{lost === 0 ? 'No frame lost' : `${count(lost)} frames lost`}</h2>
      <dl>
        {stages.map(([stage, frames]) => (
          <div key={stage} data-stage={stage} class={frames > 0 ? 'lost' : ''}>
            <dt>{stage}</dt>
            <dd>{count(frames)}</dd>
          </div>
        ))}
      </dl>
      <small>since the camera was started</small>
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
      <Reading name="Disk free" alarm={disk.hoursLeft !== null && disk.hoursLeft < lowDiskHours}>
        {disk.freeBytes === null ? 'unknown' : bytes(disk.freeBytes)}
        {disk.hoursLeft !== null && `, ${longTime(disk.hoursLeft)} left`}
      </Reading>
      {recording && disk.unsyncedMs !== null && (
        <Reading name="Not yet on disk" alarm={disk.unsyncedMs > oldUnsyncedMs}>
          {(disk.unsyncedMs / 1000).toFixed(1)} s
        </Reading>
      )}
      <Reading name="Viewers">{preview.viewers}</Reading>
      <Reading name="Camera" alarm={camera === null}>
        {camera?.model ?? 'none'}
      </Reading>
      {camera && (
        <Reading name="Picture">
          {camera.width} × {camera.height} at {camera.fps.toFixed(1)} fps
        </Reading>
      )}
      <Reading name="Encoder" alarm={refused(encoder)}>
        {encoderText(encoder)}
      </Reading>
      {health.temperatureC !== null && (
        <Reading name="Temperature" alarm={health.throttled.length > 0}>
          {health.temperatureC.toFixed(1)} °C
          {health.throttled.length > 0 && `, slowed: ${health.throttled.join(', ')}`}
        </Reading>
      )}
      {health.undervoltage === true && (
        <Reading name="Power" alarm>
          voltage too low
        </Reading>
      )}
      <Reading name="Clock">
        {clock.source}
        {clock.uncertaintyMs !== null && ` ± ${clock.uncertaintyMs.toFixed(1)} ms`}
      </Reading>
    </>
  );
}

/** While nothing is recorded: what is asked for, and what there is for it. */
function encoderText({ active, requested, hardware, device, reason, note }: Encoder): string {
  if (active === null) {
    const found = hardware === null ? 'no hardware encoder' : `hardware encoder ${hardware}`;
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
