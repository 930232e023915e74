import type { JSX } from 'preact';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';

/** Says that there is no password, or that this browser may only look. */
export function AccessMark(): JSX.Element | null {
  const session = useStore(store, (state) => state.session);
  if (session?.open === true) return <p class="access-mark">{t.access.isOpen}</p>;
  return session?.role === 'view' ? <p class="access-mark">{t.access.viewOnly}</p> : null;
}
