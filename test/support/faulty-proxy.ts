import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What happens to a request on its way. */
export type Fault = (req: IncomingMessage) => {
  delayMs?: number;
  /** It is done, but nobody hears of it. */
  loseAnswer?: boolean;
  /** Of the first byte of the answer, a bit. */
  flipBit?: boolean;
  /** The connection ends after so many bytes of the answer. */
  cutAfter?: number;
} | null;

/** A link to a monitor on loopback that can be slow, lose answers, or be unplugged. */
export class FaultyProxy {
  fault: Fault = () => null;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server);
    server.on('request', (req, res) => {
      const { delayMs = 0, loseAnswer, flipBit, cutAfter } = proxy.fault(req) ?? {};
      const { method, url, headers } = req;
      setTimeout(() => {
        const onward = request(
          { host: '127.0.0.1', port, method, path: url, headers },
          (answer) => {
            if (loseAnswer === true) {
              answer.resume().on('end', () => res.destroy());
              return;
            }
            res.writeHead(answer.statusCode ?? 500, answer.headers);
            let sent = 0;
            const isCut = (): boolean => sent > (cutAfter ?? Infinity);
            answer.on('data', (chunk: Buffer) => {
              if (sent === 0 && flipBit === true) chunk[0] = (chunk[0] ?? 0) ^ 1;
              sent += chunk.length;
              res.write(cutAfter === undefined ? chunk : chunk.subarray(0, cutAfter));
              if (isCut()) setImmediate(() => res.destroy());
            });
            // An answer that has ended is no longer destroyed: its reader would wait for the rest.
            answer.on('end', () => isCut() || res.end());
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
