// Completes package-lock.json: `node services/lock-optional.mjs`, after any `npm install`.
//
// A package may name one optional package per platform. npm writes no lock entry for one that its
// registry cannot give, and then `npm ci` refuses the whole lock file as incomplete. Each missing
// one is entered here by name and version; `npm ci` then skips it where the platform is another
// or the registry has it not. Such an entry has no integrity: there was nothing to take it of.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(path, 'utf8'));

/** The platform that names such as `@uwsjs/linux-arm64-20` end in. */
function platformOf(name) {
  const found = /(darwin|linux|win32)-(arm64|arm|x64)/.exec(name);
  if (!found) throw new Error(`${name} is missing in package-lock.json and names no platform.`);
  return { os: [found[1]], cpu: [found[2]] };
}

const keys = Object.keys(lock.packages);
const isLocked = (name) => keys.some((key) => key.endsWith(`node_modules/${name}`));

const added = {};
for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(name)) continue;
    const { os, cpu } = platformOf(name);
    added[`node_modules/${name}`] = { version, cpu, optional: true, os };
  }
}

const packages = Object.entries({ ...lock.packages, ...added });
packages.sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(packages);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${Object.keys(added).length} optional entries added.`);
