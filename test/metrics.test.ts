import t from 'tap';
import { Exposition } from '../src/http/metrics/exposition.js';
import { Histogram } from '../src/http/metrics/histogram.js';
import { recordFrames, startServer } from './support/server.js';
import { until } from './support/until.js';
import { TestViewer } from './support/viewer.js';

interface Family {
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const sampleLine =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:[0-9.]+(?:e[+-]?\d+)?|Inf)|NaN)$/;

/** Reads the text format as strictly as `promtool check metrics`: HELP, TYPE, then the samples. */
function parse(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end');
  const families = new Map<string, Family>();
  let helped = '';
  let current: [name: string, family: Family] | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP (\S+) \S/.exec(line)?.[1];
    const type = /^# TYPE (\S+) (gauge|counter|histogram)$/.exec(line);
    if (help !== undefined) helped = help;
    else if (type !== null) {
      const [, name = '', kind = ''] = type;
      if (name !== helped || families.has(name)) throw new Error(line);
      if ((kind === 'counter') !== name.endsWith('_total')) throw new Error(`${name} as ${kind}`);
      current = [name, { type: kind, samples: [] }];
      families.set(...current);
    } else {
      const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? [];
      const [family, content] = current ?? ['', null];
      const endings = content?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      if (content === null || !endings.some((one) => name === family + one)) throw new Error(line);
      content.samples.push({ name, labels: parseLabels(labels), value: Number(value) });
    }
  }
  return families;
}

function parseLabels(text: string): Record<string, string> {
  if (text === '') return {};
  if (!/^[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*$/.test(text)) {
    throw new Error(`labels: ${text}`);
  }
  const pairs = text.matchAll(/([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"/g);
  return Object.fromEntries([...pairs].map(([, key = '', value = '']) => [key, value]));
}

t.test('the text format', async (t) => {
  const histogram = new Histogram([0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.add(value);
  const text = new Exposition()
    .histogram('a_seconds', 'A.', histogram)
    .gauge('unknown', 'Left out.', null)
    .family('b', 'gauge', 'B.', [[{ name: 'with "\\\n' }, 2]])
    .toString();
  const families = parse(text);
  t.same(
    families.get('a_seconds')?.samples.map(({ labels, value }) => [labels['le'], value]),
    [
      ['0.1', 2],
      ['1', 3],
      ['+Inf', 4],
      [undefined, 7.65],
      [undefined, 4],
    ],
  );
  t.strictSame(families.get('unknown')?.samples, []);
  t.strictSame(families.get('b')?.samples[0]?.labels, { name: 'with \\"\\\\\\n' });
});

t.test('/metrics tells what the status tells', async (t) => {
  const server = await startServer();
  t.teardown(() => server.close());
  const { client } = server;
  const viewer = new TestViewer(client.socket('/api/v1/preview?ack=1'));
  await until(() => viewer.seen.length >= 3, 'three pictures have come');
  const certificate = await recordFrames(server, 10);
  const answer = await client.get('/metrics');
  t.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const families = parse(answer.bytes.toString());
  const value = (name: string, labels: Record<string, string> = {}): number | undefined =>
    families
      .get(name)
      ?.samples.find((one) => Object.entries(labels).every(([k, v]) => one.labels[k] === v))?.value;
  t.equal(value('pi_monitor_state', { state: 'idle' }), 1);
  t.equal(value('pi_monitor_recording'), 0);
  t.equal(value('pi_monitor_viewers'), 1);
  t.ok((value('pi_monitor_frames_captured_total') ?? 0) >= 10);
  const written = (certificate['frames'] as { written: number }).written;
  t.equal(value('pi_monitor_frames_written_total'), written);
  for (const stage of ['sensor', 'source', 'encoder', 'writer']) {
    t.type(value('pi_monitor_frames_lost_total', { stage }), 'number', stage);
  }
  t.ok((value('pi_monitor_disk_free_bytes') ?? 0) > 0);
  const latency = families.get('pi_monitor_preview_latency_seconds')?.samples ?? [];
  const count = latency.find((one) => one.name.endsWith('_count'))?.value ?? 0;
  const sum = latency.find((one) => one.name.endsWith('_sum'))?.value ?? 0;
  t.ok(count >= 3, `${count} pictures were measured`);
  t.ok(sum > 0 && sum / count < 5, `of ${sum / count} s`);
  t.type(value('pi_monitor_event_loop_delay_max_seconds'), 'number');
  viewer.close();
});
