import { Type } from '@sinclair/typebox';
import type { Gate } from '../../access/gate.js';
import { answersJson } from '../answer.js';
import { json } from '../reply.js';
import { route, type Route } from '../route.js';

const HandshakeBody = Type.Object(
  {
    key: Type.String({ maxLength: 64, description: 'Names the key: HKDF of the token’s hash.' }),
    nonce: Type.String({ minLength: 16, maxLength: 64, description: 'Random, of the caller.' }),
  },
  { additionalProperties: false },
);

const HandshakeSchema = Type.Object({
  session: Type.String(),
  proof: Type.String({ description: 'This machine knows the key: HMAC over nonce and session.' }),
});

/** The way in for those who know a token and do not send it. */
export function handshakeRoute(gate: Gate): Route {
  return route({
    method: 'POST',
    path: '/api/v1/handshake',
    summary: 'Prove this machine, and begin a session of signed requests',
    description:
      'Requests then carry Authorization: PiMonitor SESSION.COUNTER.CONTENT.SIGNATURE, and their answers ' +
      'Authentication-Info: CONTENT.SIGNATURE.',
    access: 'anyone',
    body: HandshakeBody,
    answer: answersJson(HandshakeSchema, 'The session.'),
    handle: ({ body: { key, nonce }, caller }) =>
      json(gate.beginSignedSession(key, nonce, caller.address)),
  });
}
