/** Pictures are made in at most three widths, however many viewers there are. */

/** Smaller ones show nothing of use, and the synthetic camera's stamp does not survive in them. */
const smallestWidth = 320;

/** The base width, its half and its quarter, as far as they are wide enough; widest first. */
export function classWidths(baseWidth: number): number[] {
  const widths = [1, 2, 4].map((divisor) => Math.round(baseWidth / divisor / 2) * 2);
  return widths.filter((width, i) => i === 0 || width >= smallestWidth);
}

/** The index of the narrowest class that is as wide as asked; the widest where none is. */
export function classFor(widths: readonly number[], wanted: number | null): number {
  if (wanted === null) return 0;
  for (let i = widths.length - 1; i > 0; i--) if ((widths[i] ?? 0) >= wanted) return i;
  return 0;
}
