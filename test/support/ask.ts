import type { Route } from '../../src/http/route.js';
import type { HttpClient } from './http-client.js';

export interface Outcome {
  status: number;
  /** Of the problem, empty where it is none. */
  code: string;
}

/** The paths of a server's WebSockets, as its table has them. */
export function socketPaths(routes: readonly Route[]): string[] {
  const isSocket = ({ docs }: Route): boolean => docs.answer.statuses.includes(101);
  return routes.filter(isSocket).map(({ path }) => path);
}

/** Sends a request with a body that is no JSON, and leaves once the head of a good answer is there. */
export async function errorOf(
  client: HttpClient,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Outcome> {
  const broken = { raw: '[', headers: { 'Content-Type': 'application/json', ...headers } };
  const answer =
    method === 'GET' ? await client.begin(path, headers) : await client.send(method, path, broken);
  return { status: answer.status, code: codeOf(answer.bytes) };
}

/** Opens a WebSocket and closes it again; 101 where that was allowed. */
export function open(
  client: HttpClient,
  path: string,
  headers: Record<string, string> = {},
): Promise<Outcome> {
  const socket = client.socket(path, headers);
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      socket.terminate();
      resolve({ status: 101, code: '' });
    });
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, code: codeOf(Buffer.concat(chunks)) });
      });
    });
    socket.on('error', (error) => {
      if (!error.message.startsWith('Unexpected server response')) reject(error);
    });
  });
}

function codeOf(bytes: Buffer): string {
  try {
    return (JSON.parse(bytes.toString()) as { code?: string }).code ?? '';
  } catch {
    return '';
  }
}
