import { isJsonObject } from '../config/merge-patch.js';
import type { Status } from '../monitor/status.js';

/** Whether all is there that is read of a status here: what is not must not end a controller of many. */
export function isStatus(answer: unknown): answer is Status {
  if (!isJsonObject(answer)) return false;
  const { id, host, state, camera, recording } = answer;
  return (
    [id, host, state].every((text) => typeof text === 'string' && text !== '') &&
    !String(id).startsWith('@') && // so begin entries here that nobody has answered for yet
    ['losses', 'disk', 'health', 'encoder'].every((part) => isJsonObject(answer[part])) &&
    [camera, recording].every((part) => part === null || isJsonObject(part))
  );
}
