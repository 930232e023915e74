import { createHash, randomBytes } from 'node:crypto';
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';

/**
 * CPace, a password-authenticated key exchange: of a short code both sides know comes a strong key. Who
 * listens learns nothing of the code, also not by computing later; who takes part can try one code each
 * time. After draft-irtf-cfrg-cpace-21, CPACE-RISTR255-SHA512 with initiator and responder (sections 7,
 * 8.1, 8.3 and A.1); the group is the library's.
 */

const { Point } = ristretto255;
type Point = InstanceType<typeof Point>;

const domain = Buffer.from('CPaceRistretto255');
const keyDomain = Buffer.from('CPaceRistretto255_ISK');
/** The block of SHA-512: the code and its padding fill one, so that hashing takes the same time. */
const blockBytes = 128;

/** What one side has said: its share of the key, and whom it says to be. */
export interface Said {
  share: Uint8Array;
  /** Not secret; bound to the key, so that it cannot be altered on the way. */
  about: Uint8Array;
}

/** One side of one exchange. */
export class Cpace {
  /** For the other side. */
  readonly share: Uint8Array;
  private readonly secret: bigint;

  /**
   * `channel`: what the exchange is for; `session`: of this exchange alone; both must be the same on both
   * sides. `random`: 32 bytes, for the draft's test vectors only.
   */
  constructor(
    code: string,
    channel: string | Uint8Array,
    private readonly session: Uint8Array,
    random: Uint8Array = randomBytes(32),
  ) {
    const scalar = Uint8Array.from(random);
    scalar[31] = (scalar[31] ?? 0) & 0x0f; // below the group's order, 2^252 and some
    this.secret = bytesToNumberLE(scalar);
    const generator = generatorOf(Buffer.from(code), Buffer.from(channel), session);
    this.share = generator.multiply(this.secret).toBytes();
  }

  /** 64 bytes, which are the other side's too if it had the same code. Throws where its share is none. */
  key(from: 'initiator' | 'responder', mine: Uint8Array, theirs: Said): Buffer {
    const point = Point.fromBytes(theirs.share).multiply(this.secret);
    if (point.is0()) throw new Error('the other side gave the neutral element');
    const own = lengthsAndValues(this.share, mine);
    const other = lengthsAndValues(theirs.share, theirs.about);
    const transcript = from === 'initiator' ? [own, other] : [other, own];
    return createHash('sha512')
      .update(lengthsAndValues(keyDomain, this.session, point.toBytes()))
      .update(Buffer.concat(transcript))
      .digest();
  }
}

function generatorOf(code: Uint8Array, channel: Uint8Array, session: Uint8Array): Point {
  const head = lengthsAndValues(domain, code).length;
  const padding = Buffer.alloc(Math.max(0, blockBytes - 1 - head));
  const text = lengthsAndValues(domain, code, padding, channel, session);
  const point = ristretto255_hasher.deriveToCurve?.(createHash('sha512').update(text).digest());
  if (point === undefined) throw new Error('this group takes no hashes'); // the type's, of others
  return point;
}

/** Each with its length before it, so that no two lists read the same (`lv_cat`). */
function lengthsAndValues(...values: Uint8Array[]): Buffer {
  return Buffer.concat(values.flatMap((value) => [leb128(value.length), value]));
}

function leb128(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}
