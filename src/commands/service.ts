import type { Monitor } from '../monitor/monitor.js';
import type { Systemd } from '../system/systemd.js';

const statusEveryMs = 1000;

/**
 * Tells systemd that the monitor is up and, while it is well, that it is: a process that lives but
 * gets no frames out of a camera it has open falls silent, and systemd starts it again. A camera
 * that cannot be opened is no reason for that: it is tried again here, and the page says why.
 */
export function reportToSystemd(systemd: Systemd, monitor: Monitor): () => void {
  if (!systemd.listens) return () => undefined;
  systemd.ready();
  const beats = [setInterval(() => systemd.status(statusLine(monitor)), statusEveryMs)];
  systemd.status(statusLine(monitor));
  if (systemd.watchdogMs !== null) {
    const beat = (): void => {
      if (monitor.flowing || !monitor.cameraOpen) systemd.watchdog();
    };
    beats.push(setInterval(beat, systemd.watchdogMs / 3));
  }
  return () => {
    for (const beat of beats) clearInterval(beat);
    systemd.stopping();
  };
}

function statusLine(monitor: Monitor): string {
  const { state, problem, recording } = monitor.status();
  if (recording !== null) return `${state} ${recording.name}`;
  return problem === null ? state : `${state}: ${problem.detail}`;
}
