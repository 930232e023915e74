import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { freePort } from './monitor-process.js';
import { until } from './until.js';

export interface RcloneServer {
  /** For a destination. */
  remote: string;
  /** By the server, which remembers what was there when it looked last. */
  removeFile: (path: string) => Promise<void>;
  stop: () => void;
}

/** A folder that rclone serves by WebDAV. */
export async function startRcloneServer(folder: string): Promise<RcloneServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['serve', 'webdav', folder, '--addr', `127.0.0.1:${port}`];
  const child = spawn('rclone', args, { stdio: 'ignore' });
  await until(() => accepts(port), 'rclone serves');
  return {
    remote: `:webdav,url='${url}':`,
    removeFile: async (path) => {
      const { status } = await fetch(`${url}/${path}`, { method: 'DELETE' });
      if (status >= 300) throw new Error(`${path} cannot be removed: ${status}`);
    },
    stop: () => child.kill(),
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
