import type { JSX } from 'preact';
import { decimal } from '../format';
import { t } from '../i18n';
import type { Light } from '../light-meter';

/** Black on the left, white on the right; the highest step fills the height. */
export function Histogram({ bins, over }: Light): JSX.Element {
  const highest = Math.max(...bins, Number.EPSILON);
  const points = bins.map(
    (share, i) => `${i},${1 - share / highest} ${i + 1},${1 - share / highest}`,
  );
  return (
    <figure class="histogram">
      <svg
        role="img"
        aria-label={t.picture.histogram}
        viewBox={`0 0 ${Math.max(1, bins.length)} 1`}
        preserveAspectRatio="none"
      >
        <polygon points={`0,1 ${points.join(' ')} ${bins.length},1`} />
      </svg>
      <figcaption>{t.picture.over(decimal(over * 100, 1))}</figcaption>
    </figure>
  );
}
