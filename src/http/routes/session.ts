import { Type } from '@sinclair/typebox';
import type { Gate } from '../../access/gate.js';
import { longestPassword } from '../../access/password.js';
import { roles } from '../../access/role.js';
import { sessionMs } from '../../access/session.js';
import { answersJson, answersNothing } from '../answer.js';
import { json, noContent } from '../reply.js';
import { route, type Route } from '../route.js';
import { nullable, oneOf } from '../schemas/common.js';

const SessionSchema = Type.Object({
  open: Type.Boolean({ description: 'There is no password: who is served may do everything.' }),
  role: nullable(oneOf(roles, 'Of the caller; null: a password is needed.')),
  id: Type.String({ description: 'Of this machine, as it is announced: a claim, no proof.' }),
});

const PasswordBody = Type.Object(
  { password: Type.String({ minLength: 1, maxLength: longestPassword }) },
  { additionalProperties: false },
);

/** `cookie` makes the header for a session's value, or the one that removes it. */
export function sessionRoutes(
  gate: Gate,
  id: () => string,
  cookie: (value: string, maxAgeS: number) => string,
): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/session',
      summary: 'Who the caller is',
      access: 'anyone',
      answer: answersJson(SessionSchema, 'What the caller may do.'),
      handle: ({ caller }) => json({ open: gate.isOpen, role: caller.role, id: id() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/session',
      summary: 'Sign a browser in by a password',
      description: 'Programs use a token instead: Authorization: Bearer TOKEN.',
      access: 'anyone',
      body: PasswordBody,
      answer: answersJson(SessionSchema, 'Signed in; the cookie is set.'),
      handle: async ({ body, caller }) => {
        const { role, session } = await gate.signIn(body.password, caller.address);
        const reply = json({ open: gate.isOpen, role, id: id() });
        const headers = { ...reply.headers, 'Set-Cookie': cookie(session, sessionMs / 1000) };
        return { ...reply, headers };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/session',
      summary: 'Sign a browser out',
      access: 'anyone',
      answer: answersNothing('The cookie is removed.'),
      handle: () => {
        const reply = noContent();
        return { ...reply, headers: { ...reply.headers, 'Set-Cookie': cookie('', 0) } };
      },
    }),
  ];
}
