import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** The wire to a server: all that goes over it is heard, and what is behind it can be another machine. */
export interface WireTap {
  address: string;
  /** All that went towards the server, as it came. */
  heard: () => string;
  /** From now on another port is behind it; what was open breaks off. */
  lead: (port: number) => void;
  /** What comes back is altered on the way; null: no longer. */
  alter: (change: ((text: string) => string) | null) => void;
  close: () => void;
}

/** Opens a wire to a port of this machine. */
export async function tapWire(port: number): Promise<WireTap> {
  let target = port;
  let change: ((text: string) => string) | null = null;
  const heard: Buffer[] = [];
  const open = new Set<Socket>();
  const breakOff = (): void => open.forEach((socket) => socket.destroy());
  const server = createServer((here) => {
    const there = connect(target, '127.0.0.1');
    const ends = [here, there];
    for (const end of ends) {
      open.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        open.delete(end);
        ends.forEach((one) => one.destroy());
      });
    }
    here.on('data', (bytes) => {
      heard.push(bytes);
      there.write(bytes);
    });
    there.on('data', (bytes) => {
      here.write(change === null ? bytes : Buffer.from(change(bytes.toString('latin1')), 'latin1'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => Buffer.concat(heard).toString('latin1'),
    lead: (to) => {
      target = to;
      breakOff();
    },
    alter: (to) => {
      change = to;
    },
    close: () => {
      breakOff();
      server.close();
    },
  };
}
