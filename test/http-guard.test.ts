import t from 'tap';
import {
  formatAddress,
  parseAddress,
  parseNetwork,
  type Address,
  type Network,
} from '../src/http/addresses.js';
import { accessPointOrigin } from '../src/http/access-point.js';
import { guard, type Caller, type GuardPolicy } from '../src/http/guard.js';
import { OwnNetworks } from '../src/http/own-networks.js';

function existing<T>(value: T | null): T {
  if (value === null) throw new Error('the test itself is wrong');
  return value;
}
const network = (text: string): Network => existing(parseNetwork(text));
const address = (text: string): Address => existing(parseAddress(text));

t.test('an address that has just come is known before somebody is refused', (t) => {
  let nowMs = 0;
  let cidrs = ['192.0.2.1/24'];
  const networks = new OwnNetworks(
    () => ({ wlan0: cidrs.map((cidr) => ({ cidr })) }),
    () => nowMs,
  );
  t.equal(networks.list().length, 1);
  cidrs = [...cidrs, '10.42.0.1/24'];
  nowMs = 1000;
  t.equal(networks.list().length, 1, 'usually it is not asked for again so soon');
  t.equal(networks.list('refusal').length, 2);
  t.equal(networks.list().length, 2, 'and then known to all');
  cidrs = [];
  nowMs = 1050;
  t.equal(networks.list('refusal').length, 2, 'many refusals ask once');
  nowMs = 4001;
  t.equal(networks.list().length, 0, 'one that has gone is forgotten');
  t.end();
});

const policy: GuardPolicy = {
  scheme: 'http',
  ownNetworks: [network('203.0.113.7/28'), network('2001:db8:1::5/64')],
  allowFrom: [network('198.51.100.0/24'), network('2001:db8:ffff::1')],
  ownName: 'cage3.lab.example',
  hostNames: ['Camera.example.org'],
};

/** As a socket gives it: an IPv4 peer of a dual-stack socket comes as ::ffff:a.b.c.d. */
function peer(text: string): Uint8Array {
  if (!text.startsWith('::ffff:')) return parseAddress(text) ?? new Uint8Array();
  return Uint8Array.from([
    ...new Array<number>(10).fill(0),
    255,
    255,
    ...text.slice(7).split('.').map(Number),
  ]);
}

function verdict(caller: Partial<Omit<Caller, 'peer'>> & { peer?: string }): string {
  const whole = {
    host: '127.0.0.1:8000',
    origin: '',
    method: 'GET',
    upgrade: false,
    ...caller,
    peer: peer(caller.peer ?? '127.0.0.1'),
  };
  return guard(whole, policy)?.code ?? 'allow';
}

t.test('peers', async (t) => {
  const allowed = [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '::ffff:127.0.0.1',
    '169.254.3.4',
    'fe80::1',
    'febf::1',
    '10.255.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '::ffff:192.168.1.1',
    'fc00::1',
    'fdff::1',
    '203.0.113.1', // the own prefix
    '203.0.113.15',
    '::ffff:203.0.113.8',
    '2001:db8:1::1234',
    '198.51.100.200', // allowFrom
    '2001:db8:ffff::1',
  ];
  const refused = [
    '8.8.8.8',
    '::ffff:8.8.8.8',
    '172.32.0.1',
    '172.15.255.255',
    '192.169.0.1',
    '11.0.0.1',
    '126.255.255.255',
    '203.0.113.16',
    '198.51.101.1',
    '2001:db8:2::1',
    '2001:db8:ffff::2',
    'fec0::1',
    '::2',
    '',
  ];
  for (const one of allowed) t.equal(verdict({ peer: one }), 'allow', one);
  for (const one of refused) t.equal(verdict({ peer: one }), 'forbidden-address', one);
});

t.test('hosts', async (t) => {
  const own = [
    '127.0.0.1',
    '192.168.1.20:8000',
    '[::1]',
    '[fe80::1]:8000',
    'localhost',
    'LOCALHOST:8000',
    'cage3',
    'Cage3:8000',
    'cage3.local',
    'cage3.local.:8000',
    'cage3.lab.example',
    'camera.example.org',
    'camera.example.org:443',
  ];
  const foreign = [
    '',
    'evil.example',
    'evil.example:8000',
    'cage3.evil.example',
    'cage4.local',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1:8000:1',
    '127.0.0.1:port',
    '[::1',
    '::1',
    '[127.0.0.1]',
    'user@127.0.0.1',
    '.local',
  ];
  for (const host of own) t.equal(verdict({ host }), 'allow', host);
  for (const host of foreign) t.equal(verdict({ host }), 'forbidden-host', host);
  t.equal(
    guard(
      { peer: peer('::1'), host: '.local', origin: '', method: 'GET', upgrade: false },
      {
        ...policy,
        ownName: '',
      },
    )?.code,
    'forbidden-host',
    'a machine without a name',
  );
});

t.test('origins, by what the request does', async (t) => {
  const host = 'cage3.local:8000';
  const cases: [origin: string, acts: string][] = [
    ['', 'allow'],
    ['http://cage3.local:8000', 'allow'],
    ['HTTP://Cage3.local:8000', 'allow'],
    ['https://cage3.local:8000', 'forbidden-origin'],
    ['http://cage3.local', 'forbidden-origin'],
    ['http://cage3.local:8001', 'forbidden-origin'],
    ['http://cage3:8000', 'forbidden-origin'],
    ['http://evil.example', 'forbidden-origin'],
    ['null', 'forbidden-origin'],
  ];
  for (const [origin, acts] of cases) {
    for (const method of ['POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS']) {
      t.equal(verdict({ host, origin, method }), acts, `${method} from ${origin || 'no origin'}`);
    }
    t.equal(verdict({ host, origin, upgrade: true }), acts, `WebSocket from ${origin || 'none'}`);
    t.equal(verdict({ host, origin }), 'allow', `GET from ${origin || 'no origin'}`);
  }
});

t.test('the peer is looked at before the host, and that before the origin', async (t) => {
  const worst = { peer: '8.8.8.8', host: 'evil.example', origin: 'null', method: 'POST' };
  t.equal(verdict(worst), 'forbidden-address');
  t.equal(verdict({ ...worst, peer: '127.0.0.1' }), 'forbidden-host');
  t.equal(verdict({ ...worst, peer: '127.0.0.1', host: 'localhost' }), 'forbidden-origin');
});

t.test('addresses and networks', async (t) => {
  t.equal(formatAddress(address('2001:db8::1')), '2001:db8:0:0:0:0:0:1');
  t.equal(formatAddress(address('::ffff:192.0.2.1')), '192.0.2.1');
  t.equal(formatAddress(address('fe80::1%eth0')), 'fe80:0:0:0:0:0:0:1');
  t.match(parseNetwork('::ffff:192.0.2.0/120'), { bits: 24 });
  for (const wrong of [
    '',
    '1.2.3',
    '1.2.3.4/33',
    '1.2.3.4/-1',
    '1.2.3.4/',
    'x/8',
    '::/129',
    '1.2.3.4/8/8',
  ]) {
    t.equal(parseNetwork(wrong), null, wrong);
  }
});

t.test('who has joined the access point and asks for another name is led to the page', (t) => {
  const accessPoint = [network('192.168.1.4/24'), network('10.42.0.1/24')];
  const led = (caller: Partial<Caller>, networks = accessPoint): string | null =>
    accessPointOrigin(
      {
        host: 'connectivitycheck.example.org',
        origin: '',
        method: 'GET',
        upgrade: false,
        peer: peer('::ffff:10.42.0.7'),
        ...caller,
      },
      networks,
      { scheme: 'http', port: 8000 },
    );
  t.equal(led({}), 'http://10.42.0.1:8000');
  t.equal(led({ peer: peer('192.168.1.9') }), null, 'another network');
  t.equal(led({}, [network('10.42.0.9/24')]), null, "another machine's access point");
  t.equal(led({ method: 'POST' }), null);
  t.equal(led({ upgrade: true }), null);
  t.end();
});
