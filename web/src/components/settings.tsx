import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { store } from '../state';
import { CameraControls } from './camera-controls';
import { ConfigForm } from './config-form';
import { CloseIcon } from './icons';
import { Presets } from './presets';
import { PageSettings } from './page-settings';
import { System } from './system';

/** Beside or below the picture, not over it: what is set is seen while it is set. */
export function Settings(): JSX.Element {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const close = (): void => {
    store.update({ settingsOpen: false });
    document.getElementById('settings-toggle')?.focus();
  };
  return (
    <section
      id="settings"
      class="panel settings"
      role="dialog"
      aria-labelledby="settings-title"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <div class="settings-head">
        <h2 id="settings-title" ref={title} tabIndex={-1}>
          {t.settings.title}
        </h2>
        <button type="button" class="square" aria-label={t.settings.close} onClick={close}>
          <CloseIcon />
        </button>
      </div>
      <CameraControls />
      <ConfigForm />
      <Presets />
      <System />
      <PageSettings />
    </section>
  );
}
