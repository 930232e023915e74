import type { Histogram } from './histogram.js';

type Labels = Record<string, string>;

/** Writes Prometheus' text format, version 0.0.4. A value that is not known is left out. */
export class Exposition {
  private readonly lines: string[] = [];

  gauge(name: string, help: string, value: number | null): this {
    return this.family(name, 'gauge', help, [[{}, value]]);
  }

  counter(name: string, help: string, value: number | null): this {
    return this.family(name, 'counter', help, [[{}, value]]);
  }

  family(
    name: string,
    type: 'gauge' | 'counter',
    help: string,
    samples: readonly [labels: Labels, value: number | null][],
  ): this {
    this.head(name, type, help);
    for (const [labels, value] of samples) this.sample(name, labels, value);
    return this;
  }

  histogram(name: string, help: string, histogram: Histogram): this {
    this.head(name, 'histogram', help);
    for (const { bound, count } of histogram.buckets()) {
      this.sample(`${name}_bucket`, { le: String(bound) }, count);
    }
    this.sample(`${name}_bucket`, { le: '+Inf' }, histogram.count);
    this.sample(`${name}_sum`, {}, histogram.sum);
    this.sample(`${name}_count`, {}, histogram.count);
    return this;
  }

  toString(): string {
    return `${this.lines.join('\n')}\n`;
  }

  private head(name: string, type: string, help: string): void {
    this.lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }

  private sample(name: string, labels: Labels, value: number | null): void {
    if (value === null) return;
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    this.lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`);
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
