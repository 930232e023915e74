import { refreshSession } from '../session';
import { store } from '../state';
import { followWork } from './actions';
import { followWall } from './wall-client';

/** Looks who is here, and follows the fleet unless a password is asked for. */
export async function begin(): Promise<void> {
  await refreshSession();
  if (store.get().session?.role === null) return;
  followWall();
  followWork();
}
