import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import type WebSocket from 'ws';
import type { Tile } from '../src/controller/wall/tile.js';
import {
  startController,
  startFleetMonitor,
  tempFolder,
  untilMonitors,
  type FleetMonitor,
  type TestController,
} from './support/fleet.js';
import { closeOf } from './support/http-client.js';
import { until } from './support/until.js';

/** The wall's socket over real monitor processes. */

const { folder, remove } = await tempFolder();
let monitors: FleetMonitor[];
let controller: TestController;

t.before(async () => {
  monitors = await Promise.all(['a', 'b'].map((name) => startFleetMonitor(join(folder, name))));
  controller = await startController(join(folder, 'controller'), {
    monitors: monitors.map(({ address }) => address),
  });
  await untilMonitors(controller.client, 2, ({ reachable }) => reachable, 'both answer');
});

t.teardown(async () => {
  await controller.stop();
  await Promise.all(monitors.map(({ command }) => command.kill('SIGTERM')));
  await remove();
});

/** Someone who looks at the wall, and acknowledges pictures or not. */
class Looker {
  readonly tiles = new Map<number, Tile>();
  readonly pictures: { number: number; sequence: number; jpeg: Buffer }[] = [];

  constructor(
    readonly socket: WebSocket,
    private readonly acknowledges = true,
  ) {
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) {
        const change = JSON.parse(data.toString()) as { tiles: Tile[]; removed: number[] };
        for (const tile of change.tiles) this.tiles.set(tile.number, tile);
        for (const number of change.removed) this.tiles.delete(number);
        return;
      }
      const number = data.readUInt32LE(0);
      this.pictures.push({ number, sequence: data.readUInt32LE(8), jpeg: data.subarray(28) });
      if (this.acknowledges) this.acknowledge(number);
    });
  }

  acknowledge(number: number): void {
    const message = Buffer.alloc(4);
    message.writeUInt32LE(number);
    this.socket.send(message);
  }

  view(numbers: number[]): void {
    this.socket.send(JSON.stringify({ view: numbers }));
  }

  of(number: number): number {
    return this.pictures.filter((one) => one.number === number).length;
  }
}

async function open(acknowledges = true): Promise<Looker> {
  const looker = new Looker(controller.client.socket('/api/v1/wall'), acknowledges);
  await until(() => looker.tiles.size === 2, 'the tiles come');
  return looker;
}

async function viewersOf({ client }: FleetMonitor): Promise<number> {
  const { preview } = (await client.get('/api/v1/status')).json();
  return (preview as { viewers: number }).viewers;
}

t.test('pictures come of the tiles in view only, once from each monitor', async (t) => {
  const [one, two] = [await open(), await open()];
  const [first, second] = [...one.tiles.values()] as [Tile, Tile];
  t.match(first, { reachable: true, state: 'idle', recording: null, losses: 0 });
  one.view([first.number]);
  two.view([first.number]);
  await until(() => one.of(first.number) > 2 && two.of(first.number) > 2, 'both see it');
  t.equal(one.of(second.number), 0, 'not what is out of view');
  const { width } = await sharp(one.pictures[0]!.jpeg).metadata();
  t.equal(width, 320);
  const watched = monitors.find(({ address }) => address === first.address)!;
  const unwatched = monitors.find(({ address }) => address === second.address)!;
  t.equal(await viewersOf(watched), 1, 'one upstream for two viewers');
  t.equal(await viewersOf(unwatched), 0);

  one.view([second.number]);
  two.socket.close();
  await until(() => one.of(second.number) > 0, 'the other is seen');
  await until(async () => (await viewersOf(watched)) === 0, 'nobody looks at the first any more');
  one.socket.close();
  await until(() => controller.controller.wall.upstreamCount === 0, 'nothing is left open');
});

t.test('who does not acknowledge gets one picture of each tile, later the newest', async (t) => {
  const looker = await open(false);
  const other = await open();
  const [tile] = [...looker.tiles.values()] as [Tile];
  looker.view([tile.number]);
  other.view([tile.number]);
  await until(() => other.of(tile.number) > 4, 'pictures flow');
  t.equal(looker.of(tile.number), 1);
  const newest = other.pictures.at(-1)!.sequence;
  looker.acknowledge(tile.number);
  await until(() => looker.of(tile.number) === 2, 'the next one comes');
  t.ok(looker.pictures[1]!.sequence >= newest, 'and it is no old one');
  for (const { socket } of [looker, other]) socket.close();
});

t.test('a tile follows its monitor', async (t) => {
  const looker = await open();
  const { address, client } = monitors[0]!;
  const tile = (): Tile => [...looker.tiles.values()].find((one) => one.address === address)!;
  looker.view([tile().number]);
  await client.send('POST', '/api/v1/recording', { body: { name: 'wall' } });
  await until(() => tile().recording === 'wall', 'it records');
  await until(() => (tile().figures.recordingSeconds ?? 0) >= 1, 'its time counts up');
  await client.send('DELETE', '/api/v1/recording');
  await until(() => tile().state === 'idle', 'it has stopped');
  t.equal(tile().losses, 0);
  looker.socket.close();
});

t.test('a message that is none closes the socket', async (t) => {
  const looker = await open();
  looker.socket.send('{"view": "all"}');
  t.equal(await closeOf(looker.socket), 4002);
});
