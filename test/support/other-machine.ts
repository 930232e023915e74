import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Test } from 'tap';

const run = promisify(execFile);

/**
 * Runs in another network namespace: reads rows, prints of each answer the status and the problem's
 * code, or where it leads and what it says.
 */
const outside = `
const { request } = require('node:http');
const { rows, host, port } = JSON.parse(process.argv[1]);
const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
const ask = ({ method, path, socket, headers }) => new Promise((resolve) => {
  const all = { ...(socket ? upgrade : {}), ...headers };
  const sent = request({ host, port, method, path, headers: all, agent: false }, (answer) => {
    let text = '';
    answer.on('data', (chunk) => { text += chunk; });
    answer.on('end', () => {
      let said = (answer.headers.location ?? '') + text;
      try { said = JSON.parse(text).code; } catch {}
      resolve(answer.statusCode + ' ' + said);
    });
  });
  sent.on('upgrade', () => resolve('101'));
  sent.on('error', (error) => resolve(error.message));
  sent.end();
});
(async () => { for (const row of rows) console.log(await ask(row)); })();
`;

/** A request to be made; `socket`: a WebSocket is asked for. */
export interface Asked {
  method: string;
  path: string;
  socket: boolean;
  headers: Record<string, string>;
}

/** Where another machine stands: to it this one is `host`, in a network of so many `bits`. */
interface Place {
  peer: string;
  host: string;
  bits: number;
}

/** RFC 5737: nobody's. */
export const publicPeer: Place = { peer: '198.51.100.7', host: '203.0.113.1', bits: 32 };
export const accessPointGuest: Place = { peer: '10.42.0.7', host: '10.42.0.1', bits: 24 };

/**
 * Another machine, in a network namespace: asks the server at `port` here for rows, and returns a line
 * for each. Null where none can be made.
 */
export async function machineAt(
  t: Test,
  { peer, host, bits }: Place,
  port: number,
): Promise<((asked: Asked[]) => Promise<string[]>) | null> {
  const name = `pim-${process.pid}`;
  const ip = (...args: string[]): Promise<unknown> => run('ip', args);
  try {
    await ip('netns', 'add', name);
  } catch {
    t.pass('another machine', { skip: 'network namespaces cannot be made here' });
    return null;
  }
  t.teardown(() => ip('netns', 'delete', name));
  await ip('link', 'add', `${name}a`, 'type', 'veth', 'peer', 'name', `${name}b`, 'netns', name);
  await ip('address', 'add', `${host}/${bits}`, 'dev', `${name}a`);
  await ip('link', 'set', `${name}a`, 'up');
  await ip('route', 'add', `${peer}/32`, 'dev', `${name}a`);
  await ip('-n', name, 'address', 'add', `${peer}/32`, 'dev', `${name}b`);
  await ip('-n', name, 'link', 'set', `${name}b`, 'up');
  await ip('-n', name, 'route', 'add', `${host}/32`, 'dev', `${name}b`);

  return async (rows) => {
    const asked = JSON.stringify({ rows, host, port });
    const child = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', outside, asked]);
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    await once(child, 'close');
    return said.trim().split('\n');
  };
}
