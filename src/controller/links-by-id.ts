import type { MonitorLink } from './monitor-link.js';

/** Links by the id that is told at their addresses: each link below one id or none. */
export class LinksById {
  private readonly byId = new Map<string, Set<MonitorLink>>();
  private readonly ids = new Map<MonitorLink, string>();

  /** Null: below none. */
  file(link: MonitorLink, id: string | null): void {
    const before = this.ids.get(link) ?? null;
    if (before === id) return;
    if (before !== null) {
      const links = this.byId.get(before);
      links?.delete(link);
      if (links?.size === 0) this.byId.delete(before);
      this.ids.delete(link);
    }
    if (id === null) return;
    this.ids.set(link, id);
    this.byId.set(id, (this.byId.get(id) ?? new Set()).add(link));
  }

  get(id: string): MonitorLink[] {
    return [...(this.byId.get(id) ?? [])];
  }
}
