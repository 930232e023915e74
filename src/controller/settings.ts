import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { layered, type ConfigPatch } from '../config/config.js';
import { BrokerSchema, checkBroker } from '../config/mqtt.js';
import { ConfigSchema } from '../config/schema.js';
import { expandHome, readLayer } from '../config/store.js';

/**
 * The controller's configuration: one file, read at the start; nothing of it is set over the network.
 * A field is here only if something reads it.
 */
export const ControllerSchema = Type.Object(
  {
    server: ConfigSchema.properties.server,
    dataFolder: Type.String({ default: '~/pi-monitor', minLength: 1, maxLength: 1000 }),
    /** Names, addresses and ranges such as 192.168.2.1-40 that are always part of the fleet. */
    monitors: Type.Array(Type.String({ format: 'monitor-address' }), {
      default: [],
      maxItems: 1000,
    }),
    /** Whether monitors that announce themselves by mDNS are listened for. */
    discovery: Type.Boolean({ default: true }),
    /** The broker through which monitors are found and commanded besides HTTP. */
    mqtt: BrokerSchema,
    limits: Type.Object(
      {
        /** How far a monitor's clock may be off, and how well that must be known, for a common start. */
        clockOffsetMs: Type.Number({ default: 1000, minimum: 0 }),
        clockUncertaintyMs: Type.Number({ default: 20, minimum: 0 }),
        temperatureC: Type.Number({ default: 80, minimum: 0 }),
      },
      { additionalProperties: false },
    ),
    transfers: Type.Object(
      {
        /** Recordings fetched at the same time. */
        atOnce: Type.Integer({ default: 3, minimum: 1, maximum: 32 }),
        /** Of all that are fetched together, and as much of those that are sent on; 0: as fast as it goes. */
        megabitsPerSecond: Type.Number({ default: 0, minimum: 0 }),
        /** By name: where rclone takes recordings on to. */
        destinations: Type.Record(
          Type.String({ pattern: '^[A-Za-z0-9._-]{1,40}$' }),
          Type.Object(
            {
              remote: Type.String({ minLength: 1 }),
              rcloneConfig: Type.Optional(Type.String({ minLength: 1 })),
            },
            { additionalProperties: false },
          ),
          { default: {} },
        ),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

export type ControllerSettings = Static<typeof ControllerSchema>;

export interface ControllerOptions {
  port?: number;
  host?: string;
  data?: string;
  config?: string;
}

const resolve = layered(ControllerSchema, 'The configuration');

/** Reads the file the options name, or controller.json in the data folder. Throws what is wrong with it. */
export async function loadControllerSettings(
  options: ControllerOptions,
): Promise<ControllerSettings> {
  const { port, host, data, config } = options;
  const path = config ?? join(data ?? '~/pi-monitor', 'controller.json');
  const commandLine: ConfigPatch = {
    ...(data !== undefined && { dataFolder: data }),
    server: { ...(port !== undefined && { port }), ...(host !== undefined && { host }) },
  };
  const settings = resolve(await readLayer(expandHome(path)), commandLine);
  checkBroker(settings.mqtt);
  return { ...settings, dataFolder: expandHome(settings.dataFolder) };
}
