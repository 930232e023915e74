import type { Gate } from '../../access/gate.js';
import { PairingDesk } from '../../access/pairing-desk.js';
import type { Monitor } from '../../monitor/monitor.js';
import { PreviewHub } from '../live/hub.js';
import { VideoHub } from '../live/video-hub.js';
import { eventsSocket, liveRoutes, previewSocket } from '../routes/live.js';
import { mediaRoutes } from '../routes/media.js';
import { metricsRoutes } from '../routes/metrics.js';
import { recordingRoutes } from '../routes/recording.js';
import { recordingsRoutes } from '../routes/recordings.js';
import { pairingRoutes } from '../routes/pairing.js';
import { presetRoutes } from '../routes/presets.js';
import { scheduleRoutes } from '../routes/schedule.js';
import { settingsRoutes } from '../routes/settings.js';
import { statusRoutes } from '../routes/status.js';
import { streamingRoutes } from '../routes/streaming.js';
import { systemRoutes } from '../routes/system.js';
import { timeRoutes } from '../routes/time.js';
import type { SystemControl } from '../../system/control.js';
import type { Site } from '../site.js';

/** One monitor's API and page; its live view goes through here from now on. */
export function monitorSite(
  monitor: Monitor,
  control: Pick<SystemControl, 'act'>,
  gate: Gate,
): Site {
  const hub = new PreviewHub((classes) => monitor.setPreview(classes));
  monitor.attachLiveView(hub);
  const video = new VideoHub(monitor.video);
  monitor.video.attach(video);
  const id = (): string => monitor.id;
  const desk = new PairingDesk({
    id,
    keep: (token, role, controller) => gate.keepPairing(token, role, controller),
    nowMs: () => performance.now(),
  });
  return {
    id,
    routes: [
      ...statusRoutes(monitor),
      ...timeRoutes(() => monitor.wallUs(), monitor.run),
      ...systemRoutes(monitor, control),
      ...pairingRoutes(gate, desk, id),
      ...recordingRoutes(monitor),
      ...recordingsRoutes(monitor),
      ...mediaRoutes(monitor),
      ...settingsRoutes(monitor),
      ...scheduleRoutes(monitor),
      ...presetRoutes(monitor.presets),
      ...streamingRoutes(monitor.streaming),
      ...metricsRoutes(monitor, hub),
      ...liveRoutes(monitor, hub, video),
    ],
    sockets: [previewSocket(hub, video, monitor.streaming), eventsSocket(monitor.events)],
    page: '/monitor.html',
    settings: () => monitor.settings.server,
  };
}
