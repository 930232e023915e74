import { loadAddon } from '../native.js';

export async function listCameras(): Promise<void> {
  const addon = loadAddon();
  for (const { id, model, location, source } of await addon.listCameras()) {
    const where = location === '' ? '' : `, ${location}`;
    console.log(`${id}  (${model}${where}; ${source})`);
  }
  const { available, version, reason } = addon.libcamera;
  console.log(available ? `libcamera ${version ?? ''}` : `No libcamera: ${reason ?? 'unknown'}`);
}
