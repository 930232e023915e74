import type { WebSocket } from '../uws.js';

/** With these a preview socket is closed; the client may come again. */
export const closeCodes = {
  ackOverdue: 4000,
  ackNotSent: 4001,
  malformed: 4002,
  /** H.264 was asked for and no encoder makes it; the reason is the error's code. */
  noEncoder: 4003,
  /** The link does not carry even the smallest video. */
  tooSlow: 4004,
  /** An operator has switched the live view off for everybody. */
  switchedOff: 4005,
} as const;

/** What keeps the account of the frames on their way to a viewer. */
interface Account {
  acked(sequence: number, nowMs: number): boolean;
}

/**
 * Takes a viewer's word that it has decoded a frame; `account` is null where it was not to
 * acknowledge. False, with the socket closed, where it is no such word.
 */
export function readAcknowledgement(
  socket: WebSocket<unknown>,
  account: Account | null,
  message: ArrayBuffer,
  isBinary: boolean,
): boolean {
  if (account === null || !isBinary || message.byteLength !== 4) {
    socket.end(closeCodes.malformed, 'an acknowledgement is a binary u32, with ack=1');
    return false;
  }
  if (account.acked(new DataView(message).getUint32(0, true), performance.now())) return true;
  socket.end(closeCodes.ackNotSent, 'acknowledged a frame that was not sent');
  return false;
}
