/**
 * Loaded into the server's process before its own code (node --import): measures the delay of its
 * event loop, and answers the bench over the IPC channel.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

process.on('message', (message) => {
  if (message === 'reset') delay.reset();
  if (message === 'read') process.send?.({ loopDelayP99Ms: delay.percentile(99) / 1e6 - 5 });
});
process.channel?.unref();
