/** In characters. The server takes 4096 bytes of request line and headers, cookies among them. */
const longest = 2400;
const path = '/api/v1/recordings.tar';

/** Archives of these, as many as their names need addresses; one of all recordings where none is named. */
export function archiveUrls(names: readonly string[] | null): string[] {
  if (names === null) return [path];
  const urls: string[] = [];
  for (const name of names.map(encodeURIComponent)) {
    const last = urls.at(-1);
    if (last !== undefined && last.length + 1 + name.length <= longest)
      urls[urls.length - 1] = `${last},${name}`;
    else urls.push(`${path}?names=${name}`);
  }
  return urls;
}
