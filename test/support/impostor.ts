import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** A machine that says it is a monitor it is not. */
export interface Impostor {
  port: number;
  address: string;
  /** All it was told: each request with its headers and body. */
  told: () => string;
  /** How often somebody has begun to speak with it. */
  asked: (path: string) => number;
  close: () => void;
}

/**
 * `status`: the true monitor's, which anyone may have seen; `proof`: what it answers to a handshake; `more`:
 * to other paths; `event`: what it says to those who listen to its events.
 */
export async function startImpostor(
  id: string,
  status: () => object,
  proof: () => object | null,
  more: Record<string, object> = {},
  event: string | null = null,
): Promise<Impostor> {
  const told: string[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const { url = '', method = '', rawHeaders } = request;
    paths.push(url);
    told.push(method, url, ...rawHeaders);
    request.on('data', (chunk: Buffer) => told.push(chunk.toString('latin1')));
    const answers: Record<string, object | null> = {
      '/api/v1/session': { open: true, role: 'operate', id },
      '/api/v1/handshake': proof(),
      '/api/v1/status': status(),
      ...more,
    };
    const answer = answers[url] ?? null;
    response.statusCode = answer === null ? 404 : 200;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(answer ?? {}));
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const { url = '', rawHeaders } = request;
    paths.push(url);
    told.push(url, ...rawHeaders);
    if (event === null) socket.destroy();
    else sockets.handleUpgrade(request, socket, head, (open) => open.send(event));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    told: () => told.join('\n'),
    asked: (path) => paths.filter((one) => one === path).length,
    close: () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}
