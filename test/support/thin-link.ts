import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A link passes so much at a time that a slow one is no slower for a small message behind it. */
const sliceBytes = 2048;
/** A busy machine's timers are late by this, mostly. */
const earlyMs = 30;

/** A way, from a port of this machine, on which all comes late, slowly or not at all. */
export class ThinLink {
  /** Towards the client, of each connection; for what comes next. */
  bytesPerSecond = Infinity;
  /** Of each piece towards the client; none overtakes another. */
  delayMs: () => number = () => 0;
  private stalledUntilMs = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number, host = '127.0.0.1'): Promise<ThinLink> {
    const server = createServer();
    const link = new ThinLink(server);
    server.on('connection', (client) => {
      const onward = connect(port, host);
      for (const socket of [client, onward]) {
        link.sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('error', () => undefined);
        socket.on('close', () => link.sockets.delete(socket));
      }
      // Where the server ends it, what is under way still arrives.
      client.on('close', () => onward.destroy());
      client.pipe(onward);
      link.carry(onward, client).catch(() => client.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return link;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Nothing arrives for so long. */
  stall(ms: number): void {
    this.stalledUntilMs = performance.now() + ms;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private async carry(from: Socket, to: Socket): Promise<void> {
    let lineFreeMs = 0;
    let arrived = Promise.resolve();
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += sliceBytes) {
        const slice = chunk.subarray(at, at + sliceBytes);
        const now = performance.now();
        lineFreeMs = Math.max(lineFreeMs, now) + (slice.length / this.bytesPerSecond) * 1000;
        const dueMs = lineFreeMs + this.delayMs();
        arrived = arrived.then(() => this.arrive(slice, dueMs, to));
        // Timers fire late: woken a little before the line is free, none of its time is lost.
        if (lineFreeMs - now > 2 * earlyMs) await sleepUntil(lineFreeMs - earlyMs);
      }
    }
    await arrived;
    to.end();
  }

  private async arrive(slice: Buffer, dueMs: number, to: Socket): Promise<void> {
    await sleepUntil(dueMs);
    while (this.stalledUntilMs > performance.now()) await sleepUntil(this.stalledUntilMs);
    to.write(slice);
  }
}

async function sleepUntil(atMs: number): Promise<void> {
  const leftMs = atMs - performance.now();
  if (leftMs > 0.5) await sleep(leftMs);
}
