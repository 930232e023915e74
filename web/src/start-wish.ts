/** What a person asks of a recording before it starts; empty is left to the monitor. */
export interface StartWish {
  name: string;
  duration: string;
  subject: string;
  session: string;
  /** Metadata under names of the person's own. */
  own: { key: string; value: string }[];
}

export const emptyWish: StartWish = { name: '', duration: '', subject: '', session: '', own: [] };

const namesBelow = new Set(['name', 'duration', 'metadata.subject', 'metadata.session']);

/** Whether a problem with this field is told at the field. */
export function toldAtField(field: string | null): boolean {
  return field !== null && namesBelow.has(field);
}

/** The body of POST /recording. */
export function recordingBody({ name, duration, subject, session, own }: StartWish): object {
  const fields = [{ key: 'subject', value: subject }, { key: 'session', value: session }, ...own]
    .map(({ key, value }) => [key.trim(), value.trim()] as const)
    .filter(([key, value]) => key !== '' && value !== '');
  return {
    ...(name.trim() !== '' && { name: name.trim() }),
    ...(duration.trim() !== '' && { duration: duration.trim() }),
    ...(fields.length > 0 && { metadata: Object.fromEntries(fields) }),
  };
}
