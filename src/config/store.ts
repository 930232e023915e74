import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Problem, toProblem } from '../errors.js';
import { readJson, writeJson } from '../system/json-file.js';
import { resolveConfig, type ConfigPatch } from './config.js';
import { isJsonObject, mergePatch, withoutPatched } from './merge-patch.js';
import type { Config } from './schema.js';

/**
 * The configuration in three layers: the schema's defaults, the file (only what a person has set,
 * so that better defaults reach it), and the command line, which holds for this run and is not saved.
 */
export class ConfigStore {
  private constructor(
    readonly path: string,
    private fileLayer: ConfigPatch,
    private runLayer: ConfigPatch,
    private effective: Config,
  ) {}

  /** Reads the file where there is one. Throws a Problem that names the file and the field. */
  static async load(path: string, commandLine: ConfigPatch): Promise<ConfigStore> {
    const fileLayer = await readLayer(path);
    try {
      resolveConfig(fileLayer);
    } catch (error) {
      const problem = toProblem(error);
      throw new Problem(problem.code, `${path}: ${problem.detail}`, problem.field);
    }
    return new ConfigStore(path, fileLayer, commandLine, resolveConfig(fileLayer, commandLine));
  }

  get current(): Config {
    return this.effective;
  }

  /** Absolute; `~` is the home of whoever runs the server. */
  get dataFolder(): string {
    return expandHome(this.effective.dataFolder);
  }

  /** What the configuration would be with `patch`. Throws where it is not valid; changes nothing. */
  preview(patch: ConfigPatch): Config {
    const { fileLayer, runLayer } = this.layersWith(patch);
    return resolveConfig(fileLayer, runLayer);
  }

  /** Applies and saves it. Returns a function that takes it back, in the file too. */
  async apply(patch: ConfigPatch): Promise<() => Promise<void>> {
    const before = { fileLayer: this.fileLayer, runLayer: this.runLayer };
    await this.replace(this.layersWith(patch));
    return () => this.replace(before);
  }

  /** What a person patches is their latest word: it also outlasts the command line's. */
  private layersWith(patch: ConfigPatch): Layers {
    return {
      fileLayer: mergePatch(this.fileLayer, patch) as ConfigPatch,
      runLayer: withoutPatched(this.runLayer, patch),
    };
  }

  private async replace({ fileLayer, runLayer }: Layers): Promise<void> {
    const effective = resolveConfig(fileLayer, runLayer);
    await mkdir(dirname(this.path), { recursive: true });
    await writeJson(this.path, fileLayer);
    this.fileLayer = fileLayer;
    this.runLayer = runLayer;
    this.effective = effective;
  }
}

interface Layers {
  fileLayer: ConfigPatch;
  runLayer: ConfigPatch;
}

/** What a configuration file holds; nothing where there is none. Throws a Problem that names it. */
export async function readLayer(path: string): Promise<ConfigPatch> {
  let content: unknown;
  try {
    content = await readJson(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Problem('malformed', `The configuration ${path} cannot be read: ${why}`);
  }
  if (content === null) return {};
  if (!isJsonObject(content)) {
    throw new Problem('malformed', `The configuration ${path} must hold one JSON object.`);
  }
  return content;
}

export function expandHome(path: string): string {
  if (path === '~') return homedir();
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path);
}
