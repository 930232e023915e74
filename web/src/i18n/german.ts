import { controlsDe } from './controls-de';
import { de } from './de';
import type { Translation } from './index';
import { serverDe } from './server-de';

/** All German texts: a file of its own, which only who reads German loads. */
export const german: Translation = { own: de, server: serverDe, controls: controlsDe };
