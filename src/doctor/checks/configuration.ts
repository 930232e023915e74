import { fail, ok, type Check } from '../check.js';

export const configuration: Check = {
  id: 'configuration',
  title: 'Configuration',
  run: ({ configProblem, config: { camera, encoder }, recordingsFolder }) => {
    if (configProblem !== null) {
      return fail(configProblem, 'Correct the file, or move it away for the defaults.');
    }
    const picture = `${camera.width}×${camera.height} at ${camera.fps} fps`;
    return ok(`camera ${camera.id}, ${picture}, encoder ${encoder.kind}, to ${recordingsFolder}`);
  },
};
