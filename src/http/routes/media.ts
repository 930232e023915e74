import { Type } from '@sinclair/typebox';
import { Problem } from '../../errors.js';
import { ConversionBody } from '../../media/conversion.js';
import type { Monitor } from '../../monitor/monitor.js';
import { answersBytes, answersJson, answersNothing } from '../answer.js';
import { recordingEntries } from '../recording-tar.js';
import { json, noContent } from '../reply.js';
import { route, type Request, type Route } from '../route.js';
import { listOf } from '../schemas/common.js';
import { JobSchema } from '../schemas/job.js';
import { fileSource, sourceReply, type Conditions } from '../send-file.js';
import { Tar, type TarEntry } from '../tar.js';

const ManyConversions = Type.Object(
  {
    ...ConversionBody.properties,
    recordings: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Their names; without it: all that have ended and are not converted so.',
        minItems: 1,
        maxItems: 10_000,
      }),
    ),
  },
  { additionalProperties: false },
);

const name = 'The name of a recording.';
const id = 'The id of a job.';

/** What is made from recordings: conversions, small pictures, archives. */
export function mediaRoutes(monitor: Monitor): Route[] {
  const { jobs, thumbnails } = monitor.media;
  return [
    route({
      method: 'POST',
      path: '/api/v1/recordings/:name/convert',
      summary: 'Convert a recording that has ended',
      description:
        'mp4: all segments in one mp4, nothing encoded anew. constant-rate: frames at even distances, ' +
        'and a CSV that says which they are. smaller: a smaller picture. time-lapse: every n-th frame. ' +
        'What is made lies beside the recording, and its certificate names it.',
      params: { name },
      body: ConversionBody,
      answer: answersJson(JobSchema, 'The job, or the one that waits or runs for the same.', 202),
      handle: async ({ params: { name }, body }) => json(await jobs.add(name, body), 202),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs',
      summary: 'Conversions in the order in which they were asked for',
      description: 'Since the program started; of those that have ended the last 200.',
      answer: answersJson(listOf(JobSchema), 'The jobs.'),
      handle: () => json({ items: jobs.list() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/jobs',
      summary: 'Convert many recordings',
      body: ManyConversions,
      answer: answersJson(listOf(JobSchema), 'The jobs that were added.', 202),
      handle: async ({ body: { recordings, ...wish } }) =>
        json({ items: await jobs.addMany(recordings ?? null, wish) }, 202),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id',
      summary: 'How a conversion is getting on',
      params: { id },
      answer: answersJson(JobSchema, 'The job.'),
      handle: ({ params: { id } }) => json(jobs.get(id)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/jobs/:id',
      summary: 'Cancel a conversion, or forget one that has ended',
      params: { id },
      answer: answersNothing('Nothing of it runs any more.'),
      handle: async ({ params: { id } }) => {
        await jobs.remove(id);
        return noContent();
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/recordings/:name/thumbnail.jpg',
      summary: 'A small picture of a recording',
      description: 'Made when it is first asked for.',
      params: { name },
      lenientQuery: true,
      answer: answersBytes('image/jpeg', 'Its first keyframe, 320 pixels wide.', [200, 206, 304]),
      handle: async ({ params: { name }, header }) => {
        const certificate = await monitor.recordings.get(name);
        const folder = await monitor.recordings.folderOf(name);
        if (folder === null) throw new Problem('not-found', `There is no recording ${name}.`);
        const picture = await thumbnails.open(certificate, folder);
        const headers = { 'Content-Type': 'image/jpeg' };
        return sourceReply(await fileSource(picture), headers, conditionsOf(header));
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/recordings.tar',
      summary: 'Recordings as one archive',
      description:
        'With their certificates and all files those name. Range and If-Range are heeded.',
      answer: answersBytes('application/x-tar', 'The archive.', [200, 206, 304]),
      query: Type.Object({
        names: Type.Optional(
          Type.String({ description: 'With commas between them; without it: all.', minLength: 1 }),
        ),
      }),
      handle: async ({ query: { names }, header }) => {
        const wanted = names?.split(',') ?? (await monitor.library.ended());
        const entries: TarEntry[] = [];
        for (const name of new Set(wanted))
          entries.push(...(await recordingEntries(monitor, name)));
        const file = wanted.length === 1 ? wanted[0] : 'recordings';
        const headers = {
          'Content-Type': 'application/x-tar',
          'Content-Disposition': `attachment; filename="${file}.tar"`,
        };
        return sourceReply(new Tar(entries), headers, conditionsOf(header));
      },
    }),
  ];
}

function conditionsOf(header: Request['header']): Conditions {
  return {
    range: header('range'),
    ifRange: header('if-range'),
    ifNoneMatch: header('if-none-match'),
  };
}
