import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConversionWish } from '../../src/media/conversion.js';
import type { Job } from '../../src/media/jobs.js';
import type { RecordingItem } from '../../src/monitor/recording-item.js';
import type { TestServer } from './server.js';
import { until } from './until.js';

/** Records `frames` frames, doing `midway` at half of them; resolves once it is final. */
export async function recordNamed(
  { client, monitor }: Pick<TestServer, 'client' | 'monitor'>,
  name: string,
  frames: number,
  midway: () => unknown = () => undefined,
): Promise<void> {
  const started = await client.send('POST', '/api/v1/recording', { body: { name } });
  if (started.status !== 201) throw new Error(started.bytes.toString());
  const written = (): number => monitor.status().recording?.frames ?? 0;
  await until(() => written() >= frames / 2, 'half of the frames are written');
  await midway();
  await until(() => written() >= frames, 'the frames are written');
  await client.send('DELETE', '/api/v1/recording');
}

/** Asks for a conversion. */
export async function askFor(
  { client }: Pick<TestServer, 'client'>,
  recording: string,
  body: ConversionWish,
): Promise<Job> {
  const answer = await client.send('POST', `/api/v1/recordings/${recording}/convert`, { body });
  if (answer.status !== 202) throw new Error(answer.bytes.toString());
  return answer.json() as unknown as Job;
}

export async function jobOf({ client }: Pick<TestServer, 'client'>, id: string): Promise<Job> {
  return (await client.get(`/api/v1/jobs/${id}`)).json() as unknown as Job;
}

/** The job, once it has ended. */
export async function finished(server: Pick<TestServer, 'client'>, { id }: Job): Promise<Job> {
  return until(async () => {
    const job = await jobOf(server, id);
    return ['queued', 'running'].includes(job.state) ? null : job;
  }, 'the job has ended');
}

export async function itemOf(
  { client }: Pick<TestServer, 'client'>,
  name: string,
): Promise<RecordingItem> {
  return (await client.get(`/api/v1/recordings/${name}`)).json() as unknown as RecordingItem;
}

/** A CSV file as one object a row. */
export async function readCsv(path: string): Promise<Record<string, string>[]> {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']));
  });
}

/** The processes that work in a folder, by id. */
export async function processesIn(folder: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const cwd = await readlink(join('/proc', id, 'cwd')).catch(() => '');
      return cwd === folder ? Number(id) : 0;
    }),
  );
  return found.filter((id) => id !== 0);
}
