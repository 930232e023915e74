/** `view` may look at everything; `operate` may also change, record and remove. */
export const roles = ['view', 'operate'] as const;
export type Role = (typeof roles)[number];

export function includesRole(has: Role, needed: Role): boolean {
  return has === 'operate' || needed === 'view';
}

export function lesserRole(one: Role, other: Role): Role {
  return includesRole(one, other) ? other : one;
}
