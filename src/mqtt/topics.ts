/** The topics of one installation. Monitors write below their own id, and read their commands there. */
export class Topics {
  constructor(readonly prefix: string) {}

  /** `id` may be `+`: of all monitors. */
  of(id: string, what: MonitorTopic): string {
    return `${this.prefix}/monitors/${id}/${what}`;
  }

  /** Where whoever gives commands may have the answers sent to. */
  replies(name: string): string {
    return `${this.prefix}/replies/${name}`;
  }

  /** What a monitor may be asked to write to. */
  isForReplies(topic: string): boolean {
    return topic.startsWith(this.replies('')) && !/[+#\0]/.test(topic);
  }

  /** Null: it is none of a monitor's. */
  read(topic: string): { id: string; what: string } | null {
    const start = `${this.prefix}/monitors/`;
    if (!topic.startsWith(start)) return null;
    const [id = '', what = '', ...more] = topic.slice(start.length).split('/');
    return id === '' || what === '' || more.length > 0 ? null : { id, what };
  }
}

/**
 * - `state`, retained: the status, and the address for what goes by HTTP.
 * - `availability`, retained: `online`, or the last will, `offline`.
 * - `events`: as they happen.
 * - `commands`, `replies`: calls of the API, and their answers where nothing else was wished.
 * - `record`: `ON` or `OFF`, for switches.
 * - `picture`, retained: where the newest picture is to be had.
 */
export type MonitorTopic =
  'state' | 'availability' | 'events' | 'commands' | 'replies' | 'record' | 'picture';
