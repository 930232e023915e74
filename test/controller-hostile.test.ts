import { access } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { isStatus } from '../src/controller/is-status.js';
import type { Transfer } from '../src/controller/transfers/shapes.js';
import {
  startController,
  tempFolder,
  untilMonitors,
  type TestController,
} from './support/fleet.js';
import { startImpostor, type Impostor } from './support/impostor.js';
import { until } from './support/until.js';

/** A machine of the fleet, not paired, that means ill: it must not reach beyond its own entry. */

const { folder, remove } = await tempFolder();
const id = 'hostile-machine';
const status = {
  ...{ id, host: 'cage1', state: 'idle', camera: null, recording: null, lastEventId: 0 },
  ...{ losses: {}, disk: {}, health: {}, encoder: {} },
};
const sha256 = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';
const certificate = {
  name: '../../escaped',
  start: { wallUs: 1 },
  stop: {},
  files: [{ path: 'autostart', sha256, bytes: 0 }],
};
let hostile: Impostor;
let controller: TestController;

t.before(async () => {
  hostile = await startImpostor(
    id,
    () => status,
    () => null,
    {
      '/api/v1/recordings': { items: [{ name: 'one', state: 'ended' }] },
      '/api/v1/recordings/one': certificate,
    },
    'null',
  );
  const settings = { discovery: false, monitors: [hostile.address] };
  controller = await startController(join(folder, 'data'), settings);
  await untilMonitors(controller.client, 1, ({ reachable }) => reachable, 'it is believed');
});

t.teardown(async () => {
  await controller.stop();
  hostile.close();
  await remove();
});

t.test('events that are none end nothing', async (t) => {
  await until(() => hostile.asked('/api/v1/events?since=0') > 0, 'it is listened to');
  const before = hostile.asked('/api/v1/status');
  await until(() => hostile.asked('/api/v1/status') > before + 1, 'the controller goes on');
  t.equal(controller.controller.fleet.get(id).reachable, true);
});

t.test('a recording goes nowhere but to the folder of its name', async (t) => {
  const body = { targets: [id] };
  const begun = await controller.client.send('POST', '/api/v1/transfers', { body });
  const path = `/api/v1/transfers/${String(begun.json()['id'])}`;
  const ended = await until(async () => {
    const transfer = (await controller.client.get(path)).json() as unknown as Transfer;
    return transfer.state !== 'running' && transfer;
  }, 'it has ended');
  t.match(ended, { state: 'failed', items: [{ detail: /certificate of another/ }] });
  await t.rejects(access(join(controller.folder, 'escaped')), { code: 'ENOENT' });
});

t.test('an announcement is an address, not the beginning of a URL', async (t) => {
  const { fleet } = controller.controller;
  const asked = (): boolean => hostile.told().includes('/reset');
  fleet.sighted(id, `${hostile.address}/reset?:80`);
  const before = hostile.asked('/api/v1/status');
  await until(() => hostile.asked('/api/v1/status') > before + 1, 'a link had asked by now');
  t.notOk(asked());
});

t.test('nobody is a monitor that nobody has answered for yet', async (t) => {
  t.ok(isStatus(status));
  t.notOk(isStatus({ ...status, id: '@192.168.2.3:8000' }));
});
