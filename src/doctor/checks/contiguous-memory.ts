import { ok, warn, type Check } from '../check.js';
import { isRecording, type Machine } from '../machine.js';

const MB = 1e6;
/** Of the camera: as many as the pipeline asks for. */
const frameBuffers = 6;
/** Of the encoder, for what it has coded; 2 MiB each above 720p, else 1. */
const codedBuffers = 12;

/** What the hardware and the camera need; nothing else can use physically contiguous memory. */
export const contiguousMemory: Check = {
  id: 'cma',
  title: 'Contiguous memory',
  run: async (machine) => {
    const meminfo = (await machine.readText('/proc/meminfo')) ?? '';
    const total = bytesOf('CmaTotal', meminfo);
    const free = bytesOf('CmaFree', meminfo);
    if (total === null || free === null || total === 0) return ok('none is set aside (CMA)');
    const detail = `${mega(free)} of ${mega(total)} MB free (CMA)`;
    const needed = neededBytes(machine);
    // Where a monitor runs, its camera has taken its part already.
    if (machine.monitor !== null || isRecording(machine) || free >= needed) return ok(detail);
    return warn(
      `${detail}, about ${mega(needed)} are needed`,
      'Choose a smaller picture, or raise it in /boot/firmware/config.txt: dtoverlay=vc4-kms-v3d,cma-128.',
    );
  },
};

function neededBytes({ config: { camera } }: Machine): number {
  const pixels = camera.width * camera.height;
  const coded = (pixels <= 1280 * 720 ? 1 : 2) * 1024 * 1024;
  return frameBuffers * pixels * 1.5 + codedBuffers * coded;
}

/** A line of /proc/meminfo; the kernel's kB are KiB. */
function bytesOf(name: string, meminfo: string): number | null {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo);
  return match === null ? null : Number(match[1]) * 1024;
}

const mega = (bytes: number): string => (bytes / MB).toFixed(0);
