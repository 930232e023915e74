import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What happens to a request on its way: a delay, or its answer is lost. */
export type Fault = (req: IncomingMessage) => { delayMs?: number; loseAnswer?: boolean } | null;

/** A link to a monitor on loopback that can be slow, lose answers, or be unplugged. */
export class FaultyProxy {
  fault: Fault = () => null;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server);
    server.on('request', (req, res) => {
      const { delayMs = 0, loseAnswer = false } = proxy.fault(req) ?? {};
      const { method, url, headers } = req;
      setTimeout(() => {
        const onward = request(
          { host: '127.0.0.1', port, method, path: url, headers },
          (answer) => {
            if (loseAnswer) {
              answer.resume().on('end', () => res.destroy());
              return;
            }
            res.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(res);
          },
        );
        onward.on('error', () => res.destroy());
        res.on('close', () => onward.destroy());
        req.pipe(onward);
      }, delayMs);
    });
    server.on('upgrade', (req, socket, head) => {
      const onward = connect(port, '127.0.0.1', () => {
        const lines = [`GET ${req.url} HTTP/1.1`];
        for (let i = 0; i < req.rawHeaders.length; i += 2)
          lines.push(`${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}`);
        onward.write(`${lines.join('\r\n')}\r\n\r\n`);
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [onward, socket]) end.on('error', () => undefined);
      onward.on('close', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
    server.on('connection', (socket) => {
      proxy.sockets.add(socket);
      socket.on('close', () => proxy.sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends it, and every connection through it. */
  unplug(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
