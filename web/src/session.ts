import { asProblem, call } from './api';
import type { Problem } from './api';
import { store } from './state';

/** Who this browser is to the monitor. */
export interface Session {
  /** There is no password. */
  open: boolean;
  /** Null: a password is needed. */
  role: 'view' | 'operate' | null;
}

export async function refreshSession(): Promise<void> {
  try {
    store.update({ session: await call<Session>('GET', '/session') });
  } catch {
    // The status is asked for each second, and tells where nothing answers.
  }
}

/** Null once the browser is signed in, else why it is not. */
export async function signIn(password: string): Promise<Problem | null> {
  try {
    store.update({ session: await call<Session>('POST', '/session', { password }) });
    return null;
  } catch (error) {
    return asProblem(error);
  }
}

/** What was shown is forgotten with the session, so the page begins anew. */
export async function signOut(): Promise<void> {
  await call('DELETE', '/session');
  location.reload();
}
