import type { Check } from '../check.js';
import { addon } from './addon.js';
import { broker } from './broker.js';
import { camera } from './camera.js';
import { clock } from './clock.js';
import { configuration } from './configuration.js';
import { contiguousMemory } from './contiguous-memory.js';
import { converter } from './converter.js';
import { diskSpace } from './disk-space.js';
import { diskSpeed } from './disk-speed.js';
import { dmaHeaps } from './dma-heaps.js';
import { encoder } from './encoder.js';
import { hardwareTrial, softwareTrial } from './encoder-trial.js';
import { gpuMemory } from './gpu-memory.js';
import { groups } from './groups.js';
import { libcamera } from './libcamera.js';
import { port } from './port.js';
import { throttling } from './throttling.js';
import { timeZone } from './time-zone.js';
import { versions } from './versions.js';

/** All checks, in the order in which they are made and told. */
export const checks: readonly Check[] = [
  versions,
  configuration,
  addon,
  libcamera,
  camera,
  encoder,
  hardwareTrial,
  softwareTrial,
  dmaHeaps,
  contiguousMemory,
  gpuMemory,
  throttling,
  diskSpace,
  diskSpeed,
  clock,
  timeZone,
  converter,
  port,
  broker,
  groups,
];
