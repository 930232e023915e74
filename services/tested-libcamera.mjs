// Prints which libcamera the tests met, or why none.
import { loadAddon } from '../build/src/native.js';

const { available, version, reason } = loadAddon().libcamera;
console.log(`libcamera tested: ${available ? version : `none (${reason})`}`);
