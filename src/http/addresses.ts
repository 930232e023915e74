import { isIP } from 'node:net';

/** An address in network byte order: 4 bytes for IPv4 (also where it came as ::ffff:a.b.c.d), else 16. */
export type Address = Uint8Array;

/** All addresses whose first `bits` bits are those of `base`. */
export interface Network {
  base: Address;
  bits: number;
}

/** A socket's address as the kernel gives it: IPv4 on a dual-stack socket arrives mapped into IPv6. */
export function unmapped(bytes: Uint8Array): Address {
  if (bytes.length !== 16) return bytes;
  const mapped =
    bytes.subarray(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.subarray(12) : bytes;
}

/** Reads `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`; a zone (`%eth0`) is dropped. Else null. */
export function parseAddress(text: string): Address | null {
  const bare = text.split('%')[0] ?? '';
  switch (isIP(bare)) {
    case 4:
      return Uint8Array.from(bare.split('.'), Number);
    case 6:
      return unmapped(ipv6Bytes(bare));
    default:
      return null;
  }
}

function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const front = ipv6Part(head);
  const back = tail === undefined ? [] : ipv6Part(tail);
  const zeros = new Array<number>(16 - front.length - back.length).fill(0);
  return Uint8Array.from([...front, ...zeros, ...back]);
}

function ipv6Part(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/** Reads `192.0.2.0/24`, `2001:db8::/32` or a single address; else null. */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/');
  const base = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (base === null) return null;
  const full = base.length * 8;
  if (slash < 0) return { base, bits: full };
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length)) return null;
  // The prefix of ::ffff:192.0.2.0/120 counts the 96 bits in front.
  const mappedBits = base.length === 4 && text.includes(':') ? 96 : 0;
  const bits = Number(length) - mappedBits;
  return bits >= 0 && bits <= full ? { base, bits } : null;
}

export function contains(network: Network, address: Address): boolean {
  const { base, bits } = network;
  if (base.length !== address.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (base[i] !== address[i]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((base[whole] ?? 0) & mask) === ((address[whole] ?? 0) & mask);
}

export function formatAddress(address: Address): string {
  if (address.length === 4) return address.join('.');
  const groups: string[] = [];
  for (let i = 0; i + 1 < address.length; i += 2) {
    groups.push((((address[i] ?? 0) << 8) | (address[i + 1] ?? 0)).toString(16));
  }
  return groups.join(':');
}
