import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { thumbnailUrl } from '../recording-files';

/** A small picture of a recording; an empty frame where there is none. The name stands beside it. */
export function Thumbnail({ name }: { name: string }): JSX.Element {
  const [missing, setMissing] = useState(false);
  return (
    <div class="thumbnail">
      {!missing && (
        <img src={thumbnailUrl(name)} alt="" loading="lazy" onError={() => setMissing(true)} />
      )}
    </div>
  );
}
