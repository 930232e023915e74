import t, { type Test } from 'tap';
import { FakeMachine } from './support/fake-machine.js';

function machineFor(t: Test): FakeMachine {
  const machine = new FakeMachine();
  t.teardown(() => {
    machine.remove();
  });
  return machine;
}

const npmCi = 'npm ci --ignore-scripts --include=dev';
const native = 'npm run --silent install';
const apt = (...packages: string[]): string =>
  'apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 ' + packages.join(' ');

t.test('a fresh machine', async (t) => {
  const machine = machineFor(t);
  const traits = { missing: ['g++', 'ffmpeg'] };

  const dry = await machine.setUp(['run', '--dry-run'], traits);
  t.equal(dry.code, 0);
  t.same(dry.did, [], 'a dry run does nothing');
  for (const text of ['g++ ffmpeg', 'npm ci', 'native addon', 'the server', 'the page']) {
    t.match(dry.said, text);
  }

  const first = await machine.setUp(['run'], traits);
  t.equal(first.code, 0, first.said);
  t.same(first.did, ['apt-get update -q', apt('g++', 'ffmpeg'), npmCi, native, 'tsc ', 'page']);
  t.match(first.said, 'to be installed by apt-get: g++ ffmpeg', 'said beforehand');

  const second = await machine.setUp(['run']);
  t.strictSame(second, { code: 0, said: '', did: [] }, 'nothing is left to do or to say');
});

t.test('only what changed is built again', async (t) => {
  const machine = machineFor(t);
  await machine.setUp();
  const didAfter = async (change: () => void): Promise<string[]> => {
    change();
    return (await machine.setUp()).did;
  };
  t.same(await didAfter(() => machine.write('native/addon.cc', '2')), [native]);
  t.same(await didAfter(() => machine.write('web/index.html', '2')), ['page']);
  t.same(await didAfter(() => machine.write('src/cli.ts', '2')), ['tsc ', 'page']);
  t.same(await didAfter(() => machine.write('test/new.test.ts', '')), ['tsc ']);
  t.same(await didAfter(() => machine.lose('test/new.test.ts')), ['tsc ']);
  t.same(await didAfter(() => machine.lose('build/Release')), [native]);
  t.same(await didAfter(() => machine.lose('node_modules/a')), [npmCi], 'a package that is gone');
  const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.1' } } };
  t.same(await didAfter(() => machine.write('package-lock.json', JSON.stringify(lock))), [
    npmCi,
    native,
    'tsc ',
    'page',
  ]);
});

t.test('a build that failed is tried again', async (t) => {
  const machine = machineFor(t);
  await machine.setUp();
  machine.write('src/cli.ts', '2');
  const failed = await machine.setUp([], { failing: ['tsc'] });
  t.equal(failed.code, 1);
  t.same((await machine.setUp()).did, ['tsc ', 'page']);
});

t.test('two at once: the second waits and finds everything done', async (t) => {
  const machine = machineFor(t);
  const [one, other] = await Promise.all([machine.setUp(), machine.setUp()]);
  t.same([one.code, other.code], [0, 0]);
  t.same([...one.did, ...other.did], [npmCi, native, 'tsc ', 'page']);
});

t.test('libcamera', async (t) => {
  await t.test('is installed where apt has a recent one', async (t) => {
    const { did, said } = await machineFor(t).setUp(['run'], { offered: '0.5.2' });
    t.ok(did.includes(apt('libcamera-dev')));
    t.match(said, 'libcamera: system 0.5.2');
  });

  await t.test('is done without where it is too old, said once', async (t) => {
    const machine = machineFor(t);
    const { code, did, said } = await machine.setUp(['run'], { offered: '0.0.3-6' });
    t.equal(code, 0);
    t.notOk(did.includes(apt('libcamera-dev')));
    t.match(said, /this system offers 0\.0\.3-6.*without it.*bookworm-backports/);
    t.equal((await machine.setUp(['run'], { offered: '0.0.3-6' })).said, '');
  });

  await t.test('is built for the tests, and then kept', async (t) => {
    const machine = machineFor(t);
    await machine.setUp(['run'], { offered: '0.4.0' });
    machine.write('libcamera-installed', '');
    const test = await machine.setUp(['test'], { offered: '0.0.3-6' });
    t.same(test.did, ['build-test-libcamera.sh ', native, 'build-native-tests.sh ']);
    t.match(test.said, `libcamera: ${machine.root}/own-libcamera`);
    const run = await machine.setUp(['run'], { offered: '0.0.3-6' });
    t.same(run.did, [], 'no second build for the same');
  });
});

t.test('uWebSockets.js', async (t) => {
  const machine = machineFor(t);
  machine.lose('node_modules/uWebSockets.js');
  const failed = await machine.setUp(['run'], { failing: ['npm install'] });
  t.equal(failed.code, 1);
  t.match(failed.said, /github\.com within reach/);
  const fetched = await machine.setUp(['run']);
  t.match(fetched.did[0], /^npm install --no-save .*uNetworking\/uWebSockets\.js#v20\.51\.0$/);
});

t.test('what stands in the way is said in a sentence', async (t) => {
  const refusals: [string, Parameters<FakeMachine['setUp']>, RegExp][] = [
    ['an old Node', [['run'], { node: '18.20.4 x64' }], /this is Node 18\.20\.4.*nodesource/],
    ['a 32-bit system', [['run'], { node: '20.20.2 arm' }], /32-bit.*Raspberry Pi OS \(64-bit\)/],
    [
      'nobody to type the password',
      [['run'], { missing: ['g++'], asUser: true, failing: ['sudo'] }],
      /cannot ask for a password here\. Run: sudo apt-get install g\+\+/,
    ],
    ['no network for apt', [['run'], { missing: ['g++'], failing: ['apt-get update'] }], /network/],
    [
      'no such package',
      [['run'], { missing: ['g++'], failing: ['apt-get install'] }],
      /apt-get could/,
    ],
    ['no network for npm', [['run'], { failing: ['npm ci'] }], /registry\.npmjs\.org within reach/],
    ['an unknown word', [['walk']], /walk is not known/],
  ];
  for (const [name, parameters, sentence] of refusals) {
    await t.test(name, async (t) => {
      const { code, said } = await machineFor(t).setUp(...parameters);
      t.equal(code, 1);
      t.match(said, sentence);
    });
  }

  await t.test('no sudo', async (t) => {
    const machine = machineFor(t);
    machine.lose('bin/sudo');
    const { code, said } = await machine.setUp(['run'], { missing: ['g++'], asUser: true });
    t.equal(code, 1);
    t.match(said, /there is no sudo\. As root run: apt-get install g\+\+/);
  });
});

t.test(
  'another system than Debian is told the packages and served as far as it goes',
  async (t) => {
    const machine = machineFor(t);
    machine.lose('bin/apt-get');
    const { code, said, did } = await machine.setUp();
    t.equal(code, 0);
    t.match(said, /no apt-get: install by hand what Debian calls g\+\+ .*ffmpeg/);
    t.same(did, [npmCi, native, 'tsc ', 'page']);
    machine.write('native/addon.cc', '2');
    const failed = await machine.setUp([], { failing: ['npm run'] });
    t.equal(failed.code, 1);
    t.match(failed.said, /that failed.*no apt-get/);
  },
);
