import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Monitor } from '../../monitor/monitor.js';
import { answersBytes } from '../answer.js';
import type { PreviewHub } from '../live/hub.js';
import { monitorMetrics, type LoopDelay } from '../metrics/monitor-metrics.js';
import { text } from '../reply.js';
import { route, type Route } from '../route.js';

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** How finely the event loop's delay is measured; the timer itself is what is delayed. */
const resolutionMs = 20;

/** What Prometheus asks for. */
export function metricsRoutes(monitor: Monitor, hub: PreviewHub): Route[] {
  const measured = monitorEventLoopDelay({ resolution: resolutionMs });
  measured.enable();
  const loopDelay = (): LoopDelay => {
    const { mean, max, count } = measured;
    measured.reset();
    const delay = (ns: number): number =>
      count === 0 ? 0 : Math.max(0, ns / 1e9 - resolutionMs / 1e3);
    return { mean: delay(mean), max: delay(max) };
  };
  return [
    route({
      method: 'GET',
      path: '/metrics',
      lenientQuery: true,
      summary: 'Figures for Prometheus',
      description: 'A counter begins anew when the camera starts. What is not known is left out.',
      answer: answersBytes('text/plain', "Prometheus' text format 0.0.4."),
      handle: () => text(monitorMetrics(monitor.status(), hub.latency, loopDelay()), contentType),
    }),
  ];
}
