import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Certificate } from '../src/monitor/certificate.js';
import type { Status } from '../src/monitor/status.js';
import { runCommand } from '../src/system/run-command.js';
import { SystemControl } from '../src/system/control.js';
import { unsynchronised } from './support/clocks.js';
import { fakeCommands } from './support/fake-commands.js';
import type { Answer } from './support/http-client.js';
import { startServer } from './support/server.js';

t.test('the clock is set from a browser, also while it is recorded', async (t) => {
  const commands = await fakeCommands('date');
  t.teardown(() => commands.remove());
  const wasSet = join(commands.folder, 'was-set');
  await commands.script('date', `touch ${wasSet}`);
  const stepUs = (): number => (existsSync(wasSet) ? 0 : -3_600_000_000); // an hour slow
  const server = await startServer({}, { clockState: () => unsynchronised(stepUs()) });
  t.teardown(() => server.close());
  const { client } = server;
  const clock = async (): Promise<Status['clock']> =>
    ((await client.get('/api/v1/status')).json() as unknown as Status).clock;
  const set = (body: unknown): Promise<Answer> =>
    client.send('POST', '/api/v1/system/clock', { body });
  t.same(await clock(), { source: 'unsynchronised', uncertaintyMs: null });
  for (const [body, field] of [
    [{}, 'wallUs'],
    [{ wallUs: 0, roundTripMs: 1 }, 'wallUs'],
    [{ wallUs: Date.now() * 1000, roundTripMs: -1 }, 'roundTripMs'],
    [{ wallUs: 'now', roundTripMs: 1 }, 'wallUs'],
  ] as const) {
    t.match(await set(body), { status: 422 }, JSON.stringify(body));
    t.equal((await set(body)).json()['field'], field);
  }
  t.strictSame(await commands.calls(), []);

  await client.send('POST', '/api/v1/recording', { body: { name: 'stepped' } });
  const answer = await set({ wallUs: Date.now() * 1000, roundTripMs: 10 });
  t.equal(answer.status, 200);
  const { source, uncertaintyMs } = await clock();
  t.equal(source, 'browser');
  t.ok((uncertaintyMs ?? 0) >= 5, 'at least half the round trip');
  const [call = ''] = await commands.calls();
  const setTo = Number(/^date --utc --set=@(\d+\.\d{6})$/.exec(call)?.[1]) * 1000;
  t.ok(Math.abs(setTo - Date.now()) < 60_000, call);

  const certificate = (
    await client.send('DELETE', '/api/v1/recording')
  ).json() as unknown as Certificate;
  t.match(certificate.clock, [{ reason: 'start' }, { reason: 'step', source: 'browser' }]);
  const steps = server.monitor.events.since(0).flatMap(({ type, data }) => {
    const mapping = data['mapping'] as { reason: string; steppedUs: number } | null | undefined;
    return type === 'clock' && mapping?.reason === 'step' ? [mapping.steppedUs] : [];
  });
  const [steppedUs = 0] = steps;
  t.ok(Math.abs(steppedUs - 3_600_000_000) < 1000, `a step of an hour: ${steppedUs} µs`);

  await commands.script(
    'date',
    'echo "date: cannot set date: Operation not permitted" >&2; exit 1',
  );
  const refused = await set({ wallUs: Date.now() * 1000, roundTripMs: 10 });
  t.match(refused.json(), { code: 'not-permitted', status: 403 });
  t.equal((await clock()).source, 'browser', 'as before');
});

t.test('a clock that a time server keeps is left alone', async (t) => {
  const commands = await fakeCommands('date');
  t.teardown(() => commands.remove());
  const kept = { synchronised: true, maxErrorUs: 1000, estimatedErrorUs: 10 };
  const server = await startServer({}, { clockState: () => ({ ...unsynchronised(), ...kept }) });
  t.teardown(() => server.close());
  const body = { wallUs: Date.now() * 1000, roundTripMs: 10 };
  const answer = await server.client.send('POST', '/api/v1/system/clock', { body });
  t.match(answer.json(), { code: 'clock-kept', status: 409 });
  t.strictSame(await commands.calls(), []);
});

t.test('reboot and shutdown: refused while recording, then done; restart asks', async (t) => {
  const commands = await fakeCommands('systemctl');
  t.teardown(() => commands.remove());
  const server = await startServer();
  t.teardown(() => server.close());
  const { client } = server;
  const act = async (action: string, body: unknown): Promise<unknown> =>
    (await client.send('POST', `/api/v1/system/${action}`, { body })).json();

  await client.send('POST', '/api/v1/recording', { body: {} });
  for (const action of ['reboot', 'shutdown', 'restart']) {
    t.match(await act(action, {}), { code: 'recording-running', field: 'confirm' }, action);
  }
  t.strictSame(await commands.calls(), []);
  t.same(await act('reboot', { confirm: true }), { action: 'reboot' });
  await client.send('DELETE', '/api/v1/recording');
  t.same(await act('shutdown', {}), { action: 'shutdown' });
  t.strictSame(await commands.calls(), [
    'systemctl --no-ask-password reboot',
    'systemctl --no-ask-password poweroff',
  ]);
  t.same(await act('restart', {}), { action: 'restart' });
  await server.control.restartAsked;

  await commands.script('systemctl', 'echo "Interactive authentication required." >&2; exit 1');
  t.match(await act('reboot', {}), { code: 'not-permitted' });
  await commands.script('systemctl', 'echo "Transport endpoint is not connected" >&2; exit 1');
  t.match(await act('reboot', {}), { code: 'not-available' });
  t.match(await act('reboot', { now: 1 }), { code: 'unknown-field' });
});

t.test('what a machine cannot do', async (t) => {
  await t.rejects(new SystemControl(false).act('restart'), /systemd did not start/);
  await t.rejects(
    runCommand('pi-monitor-no-such-command', []),
    /has no pi-monitor-no-such-command/,
  );
});
