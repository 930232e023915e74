import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Modal } from './modal';

interface ConfirmationProps {
  title: string;
  yes: string;
  no: string;
  onYes: () => Promise<unknown>;
  onClose: () => void;
  children: ComponentChildren;
}

/** Asks before what cannot be taken back. The harmless answer is first, and so has the focus. */
export function Confirmation(props: ConfirmationProps): JSX.Element {
  const [busy, setBusy] = useState(false);
  const agree = async (): Promise<void> => {
    setBusy(true);
    await props.onYes();
    props.onClose();
  };
  return (
    <Modal title={props.title} class="confirmation" onClose={props.onClose}>
      {props.children}
      <div class="answers">
        <button type="button" onClick={props.onClose}>
          {props.no}
        </button>
        <button type="button" class="strong" disabled={busy} onClick={() => void agree()}>
          {props.yes}
        </button>
      </div>
    </Modal>
  );
}
