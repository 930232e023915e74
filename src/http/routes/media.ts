import { Type } from '@sinclair/typebox';
import { Problem } from '../../errors.js';
import { ConversionBody } from '../../media/conversion.js';
import type { Monitor } from '../../monitor/monitor.js';
import { recordingEntries } from '../recording-tar.js';
import { json, noContent } from '../reply.js';
import { route, type Request, type Route } from '../route.js';
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

/** What is made from recordings: conversions, small pictures, archives. */
export function mediaRoutes(monitor: Monitor): Route[] {
  const { jobs, thumbnails } = monitor.media;
  return [
    route({
      method: 'POST',
      path: '/api/v1/recordings/:name/convert',
      body: ConversionBody,
      handle: async ({ params: { name = '' }, body }) => json(await jobs.add(name, body), 202),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs',
      handle: () => json({ items: jobs.list() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/jobs',
      body: ManyConversions,
      handle: async ({ body: { recordings, ...wish } }) =>
        json({ items: await jobs.addMany(recordings ?? null, wish) }, 202),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id',
      handle: ({ params: { id = '' } }) => json(jobs.get(id)),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/jobs/:id',
      handle: async ({ params: { id = '' } }) => {
        await jobs.remove(id);
        return noContent();
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/recordings/:name/thumbnail.jpg',
      lenientQuery: true,
      handle: async ({ params: { name = '' }, header }) => {
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
