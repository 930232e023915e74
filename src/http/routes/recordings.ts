import { Type } from '@sinclair/typebox';
import { Problem } from '../../errors.js';
import type { Monitor } from '../../monitor/monitor.js';
import { certificatePage } from '../pages/certificate.js';
import { answersBytes, answersJson, answersNothing } from '../answer.js';
import { json, noContent, page } from '../reply.js';
import { route, type Route } from '../route.js';
import { CertificateSchema, RecordingSchema, RecordingsSchema } from '../schemas/certificate.js';
import { fileSource, sourceReply } from '../send-file.js';

const types: [ending: string, type: string][] = [
  ['.mp4', 'video/mp4'],
  ['.json', 'application/json'],
  ['.csv', 'text/csv; charset=utf-8'],
];

const typeOf = (file: string): string =>
  types.find(([ending]) => file.endsWith(ending))?.[1] ?? 'application/octet-stream';

const name = 'The name of a recording.';

const TransferBody = Type.Object(
  {
    files: Type.Array(
      Type.Object(
        { path: Type.String(), sha256: Type.String({ pattern: '^[0-9A-Fa-f]{64}$' }) },
        { additionalProperties: false },
      ),
      { description: 'Of the copy: every file that the certificate names.' },
    ),
    by: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  { additionalProperties: false },
);

/** What has been recorded, and its files. */
export function recordingsRoutes(monitor: Monitor): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/recordings',
      summary: 'All recordings, the newest first',
      answer: answersJson(RecordingsSchema, 'Their certificates without the long parts.'),
      handle: async () => json({ items: await monitor.library.list() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/recordings/:name',
      summary: "A recording's certificate",
      params: { name },
      answer: answersJson(RecordingSchema, 'The certificate.'),
      handle: async ({ params }) => json(await monitor.library.get(params.name)),
    }),
    route({
      method: 'GET',
      path: '/api/v1/recordings/:name/certificate.html',
      summary: 'The certificate as a page to read and print',
      params: { name },
      answer: answersBytes('text/html', 'The page.'),
      lenientQuery: true,
      handle: async ({ params }) => page(certificatePage(await monitor.library.get(params.name))),
    }),
    route({
      method: 'POST',
      path: '/api/v1/recordings/:name/transferred',
      summary: 'Note that there is a copy of a recording',
      description:
        'Its checksums are compared with the certificate; all must be there and equal. Only such recordings are ever removed to make room.',
      params: { name },
      answer: answersJson(CertificateSchema, 'The certificate with the mark.'),
      body: TransferBody,
      bodyLimit: 16 * 1024 * 1024, // weeks of short segments
      handle: async ({ params, body: { files, by } }) =>
        json(await monitor.library.markTransferred(params.name, files, by ?? 'api')),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/recordings/:name',
      summary: 'Remove a recording for good, with all its files',
      params: { name },
      answer: answersNothing('It is removed.'),
      query: Type.Object({
        confirm: Type.Optional(Type.String({ description: "The recording's name again." })),
      }),
      handle: async ({ params: { name }, query: { confirm } }) => {
        await monitor.recordings.get(name);
        if (confirm !== name) {
          throw new Problem('invalid-value', `Add ?confirm=${name} to remove it.`, 'confirm');
        }
        await monitor.library.remove(name);
        return noContent();
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/files/:recording/:file',
      summary: 'A file of a recording',
      description: 'Range, If-Range and If-None-Match are heeded.',
      params: { recording: name, file: 'A path among `files` of its certificate.' },
      answer: answersBytes('*/*', 'The file, or the range asked for.', [200, 206, 304]),
      query: Type.Object({ download: Type.Optional(Type.Integer({ minimum: 0, maximum: 1 })) }),
      handle: async ({ params: { recording, file }, query: { download }, header }) => {
        const conditions = {
          range: header('range'),
          ifRange: header('if-range'),
          ifNoneMatch: header('if-none-match'),
        };
        const handle = await monitor.recordings.openFile(recording, file);
        const headers = {
          'Content-Type': typeOf(file),
          ...(download === 1 && { 'Content-Disposition': `attachment; filename="${file}"` }),
        };
        return sourceReply(await fileSource(handle), headers, conditions);
      },
    }),
  ];
}
