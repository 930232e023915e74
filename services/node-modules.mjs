// Says on standard output how node_modules stands beside package-lock.json, in one word:
//   ok       it holds what the lock asks for, and uWebSockets.js loads
//   differs  `npm ci` is needed
//   no-uws   all is there but a binary of uWebSockets.js for this machine
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const uws = 'node_modules/uWebSockets.js';

/** Entries of a lock file by their folder. */
function packagesOf(path) {
  if (!existsSync(root + path)) return {};
  return JSON.parse(readFileSync(root + path, 'utf8')).packages;
}

/** npm leaves a record of what it installed, written last; folders may have been lost since. */
function matchesLock() {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([folder, entry]) => {
    // uWebSockets.js may have been taken from its author's repository instead.
    if (folder === '' || folder === uws) return true;
    const found = installed[folder];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && existsSync(`${root}${folder}/package.json`);
  });
}

function uwsLoads() {
  try {
    createRequire(import.meta.url)('uWebSockets.js');
    return true;
  } catch {
    return false;
  }
}

console.log(!matchesLock() ? 'differs' : uwsLoads() ? 'ok' : 'no-uws');
