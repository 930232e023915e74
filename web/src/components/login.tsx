import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { signIn } from '../session';

/** In the place of everything else, where the monitor asks for a password. */
export function Login({ onSignedIn }: { onSignedIn: () => void }): JSX.Element {
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const enter = async (): Promise<void> => {
    setBusy(true);
    const problem = await signIn(password);
    setBusy(false);
    if (problem === null) onSignedIn();
    else if (problem.code === 'unauthorised') setTrouble(t.access.wrong);
    else setTrouble(`${problemTitle(problem)}. ${problem.detail}`);
  };
  return (
    <main class="login">
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <h2>{t.access.title}</h2>
        <label for="login-password">{t.access.password}</label>
        <input
          id="login-password"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
        <p role="alert">{trouble}</p>
        <button type="submit" class="strong" disabled={busy || password === ''}>
          {t.access.signIn}
        </button>
      </form>
    </main>
  );
}
