import t from 'tap';
import { agesOf, FarViewer } from './support/far-viewer.js';
import { LabNetwork, switchAddress } from './support/lab-network.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';
import { VideoViewer } from './support/video-viewer.js';

/**
 * Live view of 720p over 1 Mb/s with 200 ms ± 50 ms on the way, and a stall. How old the frames are
 * exactly is measured by `npm run bench -- bad-network`; here a busy machine may make some of them old.
 */

const stallMs = 2500;
/** On such a line four pictures pass a second. */
const enough = 15;
/** Of the server's patience: nothing is sent so long after the last acknowledgement. */
const givenUpMs = 1500;
/** What takes the line more than a second. */
const largeBytes = 1e6 / 8;

const network = new LabNetwork(2);

/** Why there is no such network here; null where there is one. */
function refusal(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make networks';
  try {
    network.make();
    for (const i of network.machines.keys()) network.limitTowards(i, 1);
    return null;
  } catch (error) {
    return `no network can be made here: ${String(error)}`;
  }
}

const reason = refusal();
t.teardown(() => network.remove());

t.test('a viewer on a bad network', { skip: reason ?? false }, async (t) => {
  const server = await startServer({ camera: { width: 1280, height: 720 } });
  t.teardown(() => server.close());
  const { client } = server;
  t.equal((await client.send('POST', '/api/v1/recording')).status, 201);
  const near = new VideoViewer(client.socket('/api/v1/preview?codec=h264&ack=1'));
  const far = Object.fromEntries(
    ['jpeg', 'h264'].map((codec, i) => {
      const path = `/api/v1/preview?codec=${codec}&ack=1`;
      const machine = network.machines[i] ?? '';
      const viewer = new FarViewer(machine, switchAddress, client.port, path);
      t.teardown(() => viewer.close());
      return [codec, viewer];
    }),
  );
  const viewers = Object.values(far);
  await until(
    () => viewers.every(({ frames }) => frames.length >= enough) && near.beginnings === 2,
    'all have pictures',
    20_000,
  );
  for (const viewer of viewers) viewer.stall(stallMs);
  await until(() => viewers.every(({ stalled }) => stalled !== null), 'nothing passes');
  const after = ({ frames, stalled }: FarViewer): number =>
    frames.filter(({ madeMs }) => madeMs > (stalled?.toMs ?? Infinity)).length;
  await until(() => viewers.every((viewer) => after(viewer) >= enough), 'they go on', 20_000);

  for (const [codec, { frames, undisturbed, stalled, closed }] of Object.entries(far)) {
    const ages = agesOf(undisturbed);
    const young = ages.filter((ms) => ms <= 1000).length / ages.length;
    const told = `${ages.length} frames, the oldest ${Math.max(...ages).toFixed(0)} ms`;
    t.ok(young > 0.9, `${codec}: nearly all are at most a second old: ${told}`);
    const largest = Math.max(...frames.map(({ bytes }) => bytes));
    t.ok(largest < largeBytes * 0.6, `${codec}: none is too large for the line: ${largest} bytes`);
    const { fromMs = NaN, toMs = NaN } = stalled ?? {};
    const inStall = frames.filter(
      ({ madeMs }) => madeMs > fromMs + givenUpMs && madeMs < toMs - 1000 / 30,
    );
    t.ok(inStall.length <= 1, `${codec}: only what was on its way comes old`);
    t.equal(closed, null);
  }
  const { fromMs = NaN, toMs = NaN } = far['h264']?.stalled ?? {};
  const meanwhile = near.frames.filter(
    ({ sensorNs }) => sensorNs / 1e6 > fromMs && sensorNs / 1e6 < toMs,
  );
  t.ok(meanwhile.length >= 10, `another viewer has ${meanwhile.length} frames meanwhile`);
  near.close();

  const { frames, losses } = (await client.send('DELETE', '/api/v1/recording')).json() as {
    frames: Record<string, number>;
    losses: Record<string, number>;
  };
  t.equal(
    frames['captured'],
    (frames['written'] ?? NaN) + Object.values(losses).reduce((sum, lost) => sum + lost, 0),
  );
});
