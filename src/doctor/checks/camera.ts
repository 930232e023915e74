import { toProblem } from '../../errors.js';
import { fail, ok, warn, type Check, type Finding } from '../check.js';
import type { Machine, Native } from '../machine.js';

const frames = 10;
/** To find, open and configure it. */
const openingMs = 5000;

export const camera: Check = {
  id: 'camera',
  title: 'Camera',
  limitMs: (machine) => patienceMs(machine) + 1000,
  run: async (machine) => {
    const { native, config, monitor } = machine;
    if (typeof native === 'string') return null;
    const listed = (await native.listCameras()).filter(({ source }) => source !== 'synthetic');
    const found = listed.map(({ id }) => id).join(', ') || 'none but the synthetic one';
    try {
      const { id, width, height, fps } = await native.tryCamera(frames, patienceMs(machine));
      const detail = `${id} gave ${frames} frames of ${width}×${height} at ${fps} fps`;
      if (id === 'synthetic' && config.camera.id === 'auto') return onlySynthetic(machine);
      return ok(`${detail}; found: ${found}`);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'camera-busy' && monitor !== null) {
        return ok(`in use by the monitor that runs here (${monitor.state})`);
      }
      return fail(`${problem.detail} Found: ${found}.`, remedyFor(problem.code, native));
    }
  },
};

function patienceMs({ config }: Machine): number {
  return openingMs + (frames * 1000) / config.camera.fps;
}

function onlySynthetic({ native }: Machine): Finding {
  const withLibcamera = typeof native !== 'string' && native.libcamera.available;
  return warn(
    'No camera was found; the synthetic one would be recorded.',
    withLibcamera
      ? 'Check the ribbon cable (contacts, both ends), then restart; "pi-monitor cameras" lists what is found.'
      : 'Install libcamera (see above): without it no camera can be found.',
  );
}

function remedyFor(code: string, native: Native): string {
  switch (code) {
    case 'camera-busy':
      return 'End the other program that has the camera.';
    case 'camera-unknown':
      return native.libcamera.available
        ? 'Choose a camera that "pi-monitor cameras" lists, or auto.'
        : 'Install libcamera (see above), or choose auto.';
    default:
      return 'Check the camera’s cable, and try a smaller picture or a lower frame rate.';
  }
}
