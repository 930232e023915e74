import { readFile } from 'node:fs/promises';

/** Null is unknown. `throttled` lists what holds now or has held since power-up (`…-occurred`). */
export interface Health {
  temperatureC: number | null;
  throttled: string[];
  undervoltage: boolean | null;
}

export const unknownHealth: Health = { temperatureC: null, throttled: [], undervoltage: null };

const temperaturePath = '/sys/class/thermal/thermal_zone0/temp';
/** The Raspberry Pi's firmware driver (linux drivers/firmware/raspberrypi.c). */
export const throttledPath = '/sys/devices/platform/soc/soc:firmware/get_throttled';

/** Bits of the firmware's GET_THROTTLED; 16 further up: has occurred since power-up. */
const throttledBits = ['undervoltage', 'frequency-capped', 'throttled', 'soft-temperature-limit'];

export async function readHealth(): Promise<Health> {
  const [temperature, throttled] = await Promise.all([
    readFile(temperaturePath, 'utf8').catch(() => null),
    readFile(throttledPath, 'utf8').catch(() => null),
  ]);
  const milliC = temperature === null ? NaN : Number(temperature);
  const flags = throttled === null ? null : parseThrottled(throttled);
  return {
    temperatureC: Number.isFinite(milliC) ? Math.round(milliC / 100) / 10 : null,
    throttled: flags ?? [],
    undervoltage: flags === null ? null : flags.some((flag) => flag.startsWith('undervoltage')),
  };
}

/** `text` is the firmware's word in hexadecimal, with or without 0x; null where it is not one. */
export function parseThrottled(text: string): string[] | null {
  const word = parseInt(text.trim(), 16);
  if (!Number.isInteger(word)) return null;
  return throttledBits.flatMap((name, bit) => [
    ...((word >> bit) & 1 ? [name] : []),
    ...((word >> (bit + 16)) & 1 ? [`${name}-occurred`] : []),
  ]);
}
