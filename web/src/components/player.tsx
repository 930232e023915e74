import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { Modal } from './modal';

interface PlayerProps {
  name: string;
  /** The recording's videos in their order. */
  sources: string[];
  onClose: () => void;
}

/** Plays a recording where it lies; one part after the other. */
export function Player({ name, sources, onClose }: PlayerProps): JSX.Element {
  const [part, setPart] = useState(0);
  return (
    <Modal title={name} class="player" onClose={onClose}>
      <video
        src={sources[part]}
        controls
        autoplay
        muted
        playsInline
        onEnded={() => setPart((now) => Math.min(now + 1, sources.length - 1))}
      />
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.close}
        </button>
      </div>
    </Modal>
  );
}
