import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  checkRemotePatch,
  resolveConfig,
  settableConfig,
  type ConfigPatch,
} from '../config/config.js';
import type { Config } from '../config/schema.js';
import { Problem } from '../errors.js';
import type { ControlInfo, ControlValue } from '../native.js';
import { readJson, writeJson } from '../system/json-file.js';
import { Serial } from '../system/serial.js';
import { wallUs } from '../system/wall-clock.js';

/** Settings under a name, kept by the monitor so that every device sees the same ones. */
export interface Preset {
  name: string;
  savedWallUs: number;
  /** A merge patch of what the network may set. */
  config: ConfigPatch;
  controls: Record<string, ControlValue>;
}

type PresetContent = Pick<Preset, 'config' | 'controls'>;

/** What applying a preset came to. */
export interface AppliedPreset {
  name: string;
  /** Controls that this camera does not have; the rest is set. */
  skipped: string[];
}

/** What presets are made of and applied to. */
export interface Settable {
  readonly settings: Config;
  controls(): ControlInfo[];
  setControls(values: Record<string, ControlValue>): ControlInfo[];
  patchConfig(patch: ConfigPatch): Promise<Config>;
}

/** More than anyone can choose from; each is a few kilobytes in a file that is written whole. */
const mostPresets = 100;

/** How pictures are made and recorded; what belongs to the machine is in no preset. */
const sections = ['camera', 'preview', 'encoder', 'recording'] as const;

/** The presets of one monitor, in one file. */
export class Presets {
  private kept: Preset[] | null = null;
  private readonly writes = new Serial();

  constructor(
    private readonly path: string,
    private readonly target: Settable,
  ) {}

  /** By name. */
  async list(): Promise<Preset[]> {
    this.kept ??= await this.read();
    return [...this.kept].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Keeps what is given, or what is set now where nothing is; one of the same name is replaced. */
  async save(name: string, content: Partial<PresetContent>): Promise<Preset> {
    const given = content.config !== undefined || content.controls !== undefined;
    const { config = {}, controls = {} } = given ? content : this.present();
    checkRemotePatch(config);
    resolveConfig(config);
    const preset = { name, savedWallUs: wallUs(), config, controls };
    await this.change((presets) => {
      const others = presets.filter((other) => other.name !== name);
      if (others.length < mostPresets) return [...others, preset];
      throw new Problem('invalid-value', `There are ${mostPresets} presets: remove one first.`);
    });
    return preset;
  }

  async remove(name: string): Promise<void> {
    await this.get(name);
    await this.change((presets) => presets.filter((other) => other.name !== name));
  }

  /** The configuration first: it may restart the camera, and is refused while one records. */
  async apply(name: string): Promise<AppliedPreset> {
    const { config, controls } = await this.get(name);
    await this.target.patchConfig(config);
    const offered = new Set(this.target.controls().map(({ id }) => id));
    const wanted = Object.entries(controls);
    this.target.setControls(Object.fromEntries(wanted.filter(([id]) => offered.has(id))));
    return { name, skipped: wanted.map(([id]) => id).filter((id) => !offered.has(id)) };
  }

  private async get(name: string): Promise<Preset> {
    const preset = (await this.list()).find((one) => one.name === name);
    if (preset === undefined) throw new Problem('not-found', `There is no preset ${name}.`);
    return preset;
  }

  private present(): PresetContent {
    const settable = settableConfig(this.target.settings);
    const config = Object.fromEntries(sections.map((section) => [section, settable[section]]));
    const controls = this.target.controls().map(({ id, value }) => [id, value] as const);
    return { config, controls: Object.fromEntries(controls) };
  }

  private async read(): Promise<Preset[]> {
    try {
      return ((await readJson(this.path)) ?? []) as Preset[];
    } catch (error) {
      throw new Problem('internal', `${this.path} cannot be read: ${String(error)}`);
    }
  }

  private change(how: (presets: Preset[]) => Preset[]): Promise<void> {
    return this.writes.run(async () => {
      const presets = how(await this.list());
      await mkdir(dirname(this.path), { recursive: true });
      await writeJson(this.path, presets);
      this.kept = presets;
    });
  }
}
