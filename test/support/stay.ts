import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/** What is being answered over a time, with how it ends. */
export interface Stay {
  answer: IncomingMessage;
  /** Whether it was answered to its end. */
  ended: Promise<boolean>;
}

/** Asks a server of this machine for what has no end, or is not read to its end. */
export async function stay(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<Stay> {
  const asked = get({ host: '127.0.0.1', port, path, headers, agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined); // it is broken off
  const ended = new Promise<boolean>((resolve) => {
    answer.on('close', () => resolve(answer.complete));
  });
  return { answer, ended };
}
