import type { Status } from '../../monitor/status.js';
import { Exposition } from './exposition.js';
import type { Histogram } from './histogram.js';

/** Seconds since the last time they were asked for. */
export interface LoopDelay {
  mean: number;
  max: number;
}

/** What a monitor has to tell Prometheus. Times are in seconds, as is the custom there. */
export function monitorMetrics(status: Status, latency: Histogram, loop: LoopDelay): string {
  const { frames, losses, disk, health, preview, recording, clock } = status;
  const { piMonitor, libcamera } = status.versions;
  const flags = health.throttled.map((flag): [Record<string, string>, number] => [{ flag }, 1]);
  const text = new Exposition()
    .family('pi_monitor_info', 'gauge', 'Which monitor, and what it runs.', [
      [{ host: status.host, version: piMonitor ?? '', libcamera: libcamera ?? '' }, 1],
    ])
    .family('pi_monitor_state', 'gauge', 'The state it is in.', [[{ state: status.state }, 1]])
    .gauge('pi_monitor_recording', '1 while it records.', recording?.startedWallUs == null ? 0 : 1)
    .gauge('pi_monitor_recording_frames', 'Written to the recording.', recording?.frames ?? null)
    .gauge('pi_monitor_recording_bytes', 'Of the recording.', recording?.bytes ?? null)
    .counter('pi_monitor_frames_captured_total', 'Since the camera started.', frames.captured)
    .counter('pi_monitor_frames_written_total', 'Since the camera started.', frames.written)
    .family(
      'pi_monitor_frames_lost_total',
      'counter',
      'By the stage that lost them.',
      Object.entries(losses).map(([stage, lost]) => [{ stage }, lost]),
    )
    .gauge('pi_monitor_viewers', 'Who watch.', preview.viewers)
    .counter('pi_monitor_preview_encoded_total', 'Pictures made for viewers.', preview.encoded)
    .counter('pi_monitor_preview_skipped_total', 'Pictures not sent.', preview.skipped)
    .histogram('pi_monitor_preview_latency_seconds', 'From the sensor to the network.', latency)
    .gauge('pi_monitor_disk_free_bytes', 'On the disk of the recordings.', disk.freeBytes)
    .gauge('pi_monitor_disk_reserve_bytes', 'Kept free of them.', disk.reserveBytes)
    .gauge('pi_monitor_disk_left_seconds', 'Until the reserve.', scaled(disk.hoursLeft, 3600))
    .gauge('pi_monitor_disk_age_seconds', 'Since the disk answered.', scaled(disk.ageMs, 1e-3))
    .gauge(
      'pi_monitor_unsynced_seconds',
      'Age of the oldest data the disk has not acknowledged.',
      scaled(disk.unsyncedMs, 1e-3),
    )
    .gauge('pi_monitor_temperature_celsius', 'Of the processor.', health.temperatureC)
    .family('pi_monitor_throttled', 'gauge', 'What the firmware tells, while it does.', flags)
    .gauge(
      'pi_monitor_clock_uncertainty_seconds',
      'How far the wall clock may be off.',
      scaled(clock.uncertaintyMs, 1e-3),
    )
    .gauge('pi_monitor_event_loop_delay_mean_seconds', 'Since the last scrape.', loop.mean)
    .gauge('pi_monitor_event_loop_delay_max_seconds', 'Since the last scrape.', loop.max)
    .gauge('process_resident_memory_bytes', 'Of this process.', process.memoryUsage.rss());
  return text.toString();
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}
