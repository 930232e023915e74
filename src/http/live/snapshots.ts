/** Shares one picture among all who ask for the same width before it is there. */
export class Snapshots {
  private readonly coming = new Map<number, Promise<Uint8Array>>();

  constructor(private readonly take: (width: number) => Promise<Uint8Array>) {}

  get(width: number): Promise<Uint8Array> {
    const known = this.coming.get(width);
    if (known !== undefined) return known;
    const picture = this.take(width).finally(() => this.coming.delete(width));
    this.coming.set(width, picture);
    return picture;
  }
}
