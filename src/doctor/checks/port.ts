import { fail, ok, type Check } from '../check.js';

export const port: Check = {
  id: 'port',
  title: 'Port',
  run: async (machine) => {
    const { port, host } = machine.config.server;
    if (port === 0) return ok('any free one is taken');
    const { monitor } = machine;
    if (monitor !== null) {
      return ok(`${port}: a monitor serves here (${monitor.host}, ${monitor.state})`);
    }
    const refusal = await machine.tryToListen();
    switch (refusal) {
      case null:
        return ok(`${port} is free`);
      case 'EADDRINUSE': {
        const listener = (await machine.listener()) ?? 'another program';
        return fail(`${port} is taken by ${listener}.`, 'End that program, or use --port.');
      }
      case 'EACCES':
        return fail(`${port} is for root only.`, 'Use one from 1024 on (--port).');
      case 'EADDRNOTAVAIL':
        return fail(`This machine has no address ${host}.`, 'Set server.host to all.');
      default:
        return fail(`${port} cannot be listened on: ${refusal}.`, 'Use another one (--port).');
    }
  },
};
