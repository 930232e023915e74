import type { JSX } from 'preact';
import { archiveUrls } from '../archive-urls';
import { bytes } from '../format';
import { t } from '../i18n';
import { derivedLabel, fileUrl, isVideo, segmentLabel, totalSize } from '../recording-files';
import type { RecordingItem } from '../types';
import { DownloadIcon } from './icons';
import { Modal } from './modal';

interface DownloadProps {
  recording: RecordingItem;
  onClose: () => void;
}

/** Each file of a recording, what was made from it, and all of it at once. */
export function DownloadDialog({ recording, onClose }: DownloadProps): JSX.Element {
  const { name, files, derived, stop } = recording;
  const videos = files.filter(isVideo).length;
  return (
    <Modal title={name} class="download" onClose={onClose}>
      <ul>
        {stop !== null && (
          <Item href={archiveUrls([name])[0] ?? ''} file={`${name}.tar`} label={t.files.everything}>
            {totalSize([recording])}
          </Item>
        )}
        {derived.map((file) => (
          <Item
            key={file.path}
            href={fileUrl(name, file)}
            file={file.path}
            label={derivedLabel(file)}
          >
            {bytes(file.bytes)}
          </Item>
        ))}
        {files.map((file) => (
          <Item
            key={file.path}
            href={fileUrl(name, file)}
            file={file.path}
            label={segmentLabel(file, videos)}
          >
            {file.bytes === null ? '' : bytes(file.bytes)}
          </Item>
        ))}
      </ul>
      <div class="answers">
        <button type="button" onClick={onClose}>
          {t.close}
        </button>
      </div>
    </Modal>
  );
}

function Item(props: { href: string; file: string; label: string; children: string }) {
  return (
    <li>
      <a class="button" href={props.href} download={props.file}>
        <DownloadIcon />
        {props.label}
      </a>
      <span class="quiet">{props.children}</span>
    </li>
  );
}
