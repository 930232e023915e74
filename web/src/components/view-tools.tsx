import type { ComponentType, JSX, RefObject } from 'preact';
import { t } from '../i18n';
import { store } from '../state';
import { useStore } from '../store';
import { FiguresIcon, FullScreenIcon, LightIcon } from './icons';

/** Buttons on the picture. */
export function ViewTools({ section }: { section: RefObject<HTMLElement> }): JSX.Element {
  const showFigures = useStore(store, (state) => state.showFigures);
  const showLight = useStore(store, (state) => state.showLight);
  return (
    <div class="view-tools">
      <Tool
        id="show-figures"
        label={t.picture.showFigures}
        icon={FiguresIcon}
        pressed={showFigures}
        onClick={() => store.update({ showFigures: !showFigures })}
      />
      <Tool
        id="show-light"
        label={t.picture.showLight}
        icon={LightIcon}
        pressed={showLight}
        onClick={() => store.update({ showLight: !showLight })}
      />
      {document.fullscreenEnabled && (
        <Tool
          id="full-screen"
          label={t.picture.fullScreen}
          icon={FullScreenIcon}
          onClick={() => void toggleFullScreen(section.current)}
        />
      )}
    </div>
  );
}

interface ToolProps {
  id: string;
  label: string;
  icon: ComponentType;
  pressed?: boolean;
  onClick: () => void;
}

function Tool({ id, label, icon: Icon, pressed, onClick }: ToolProps): JSX.Element {
  return (
    <button
      type="button"
      id={id}
      class="square"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      onClick={onClick}
    >
      <Icon />
    </button>
  );
}

async function toggleFullScreen(element: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await element?.requestFullscreen();
}
