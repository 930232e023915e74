import type { VideoFlow } from './video-flow.js';

/** A keyframe of the small class comes and is acknowledged in this time. */
const answeredWithinMs = 2500;
/** Of what surely gets through: small frames are before it on the way, and behind it. */
const share = 0.7;
const boxHeaderBytes = 8;

/**
 * What small frames tell of a link hides in its jitter. Before a large keyframe is given up, one small
 * one is made as large as surely gets through in good time: what that takes tells more.
 */
export class Probe {
  private wantedBytes = 0;
  private untilMs: number | null = null;

  constructor(private readonly flow: VideoFlow) {}

  /** A keyframe of so many bytes is too large by what is known; false where that is the last word. */
  puts(bytes: number, nowMs: number): boolean {
    if (this.untilMs === null) {
      this.wantedBytes = bytes;
      this.untilMs = nowMs + answeredWithinMs;
    }
    if (nowMs <= this.untilMs) return true;
    this.end();
    return false;
  }

  end(): void {
    this.wantedBytes = 0;
    this.untilMs = null;
  }

  /** The message of a small keyframe as it is to be sent. */
  load(message: Uint8Array, nowMs: number): Uint8Array {
    const bytes = Math.floor(Math.min(this.wantedBytes, share * this.flow.mostBytes(nowMs)));
    if (bytes < message.byteLength + boxHeaderBytes) return message;
    this.wantedBytes = 0;
    return padded(message, bytes);
  }
}

/** With a `free` box behind it (ISO 14496-12), which players pass over. */
function padded(message: Uint8Array, bytes: number): Uint8Array {
  const longer = Buffer.alloc(bytes);
  longer.set(message);
  longer.writeUInt32BE(bytes - message.byteLength, message.byteLength);
  longer.write('free', message.byteLength + 4, 'latin1');
  return longer;
}
