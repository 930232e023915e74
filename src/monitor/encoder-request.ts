import type { TSchema } from '@sinclair/typebox';
import { ConfigSchema, type Config } from '../config/schema.js';
import type { EncoderRequest } from '../native.js';

/** The configured encoder, in the addon's units. */
export function encoderRequest({ encoder }: Config): EncoderRequest {
  const { kind, preset, quality, threads, bitrate, gop } = encoder;
  return {
    kind,
    preset,
    quality,
    threads,
    bitrate: Math.round(bitrate * 1e6),
    gopMs: Math.round(gop * 1000),
  };
}

/** Whether a recording that runs has something to take over: a field that the schema calls live. */
export function encoderChangesLive(before: Config, after: Config): boolean {
  const fields: Record<string, TSchema> = ConfigSchema.properties.encoder.properties;
  return (Object.keys(before.encoder) as (keyof Config['encoder'])[]).some(
    (name) =>
      fields[name]?.['x-applies'] === 'live' && before.encoder[name] !== after.encoder[name],
  );
}
