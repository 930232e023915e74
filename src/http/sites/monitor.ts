import type { Monitor } from '../../monitor/monitor.js';
import { PreviewHub } from '../live/hub.js';
import { VideoHub } from '../live/video-hub.js';
import { eventsSocket, liveRoutes, previewSocket } from '../routes/live.js';
import { mediaRoutes } from '../routes/media.js';
import { metricsRoutes } from '../routes/metrics.js';
import { recordingRoutes } from '../routes/recording.js';
import { recordingsRoutes } from '../routes/recordings.js';
import { presetRoutes } from '../routes/presets.js';
import { scheduleRoutes } from '../routes/schedule.js';
import { settingsRoutes } from '../routes/settings.js';
import { statusRoutes } from '../routes/status.js';
import { systemRoutes } from '../routes/system.js';
import { timeRoutes } from '../routes/time.js';
import type { SystemControl } from '../../system/control.js';
import type { Site } from '../site.js';

/** One monitor's API and page; its live view goes through here from now on. */
export function monitorSite(monitor: Monitor, control: Pick<SystemControl, 'act'>): Site {
  const hub = new PreviewHub((classes) => monitor.setPreview(classes));
  monitor.attachLiveView(hub);
  const video = new VideoHub(monitor.video);
  monitor.video.attach(video);
  return {
    id: () => monitor.id,
    routes: [
      ...statusRoutes(monitor),
      ...timeRoutes(() => monitor.wallUs(), monitor.run),
      ...systemRoutes(monitor, control),
      ...recordingRoutes(monitor),
      ...recordingsRoutes(monitor),
      ...mediaRoutes(monitor),
      ...settingsRoutes(monitor),
      ...scheduleRoutes(monitor),
      ...presetRoutes(monitor.presets),
      ...metricsRoutes(monitor, hub),
      ...liveRoutes(monitor, hub, video),
    ],
    sockets: [previewSocket(hub, video), eventsSocket(monitor.events)],
    page: '/monitor.html',
    settings: () => monitor.settings.server,
  };
}
