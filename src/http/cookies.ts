/** The value of a cookie in a request's header, empty where it has none of this name. */
export function readCookie(header: string, name: string): string {
  for (const pair of header.split(';')) {
    const [key = '', value = ''] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return '';
}

/** Kept from scripts and from what other sites send; `maxAgeS` 0 removes it. */
export function setCookie(
  name: string,
  value: string,
  { maxAgeS, secure }: { maxAgeS: number; secure: boolean },
): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${maxAgeS}`];
  return [`${name}=${value}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ');
}
