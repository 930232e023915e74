import { Type } from '@sinclair/typebox';
import { Problem } from '../../errors.js';
import type { Monitor } from '../../monitor/monitor.js';
import { certificatePage } from '../pages/certificate.js';
import { json, noContent, page } from '../reply.js';
import { route, type Route } from '../route.js';
import { fileSource, sourceReply } from '../send-file.js';

const types: [ending: string, type: string][] = [
  ['.mp4', 'video/mp4'],
  ['.json', 'application/json'],
  ['.csv', 'text/csv; charset=utf-8'],
];

const typeOf = (file: string): string =>
  types.find(([ending]) => file.endsWith(ending))?.[1] ?? 'application/octet-stream';

/** What has been recorded, and its files. */
export function recordingsRoutes(monitor: Monitor): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/recordings',
      handle: async () => json({ items: await monitor.library.list() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/recordings/:name',
      handle: async ({ params: { name = '' } }) => json(await monitor.library.get(name)),
    }),
    route({
      method: 'GET',
      path: '/api/v1/recordings/:name/certificate.html',
      lenientQuery: true,
      handle: async ({ params: { name = '' } }) =>
        page(certificatePage(await monitor.library.get(name))),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/recordings/:name',
      query: Type.Object({ confirm: Type.Optional(Type.String()) }),
      handle: async ({ params: { name = '' }, query: { confirm } }) => {
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
      query: Type.Object({ download: Type.Optional(Type.Integer({ minimum: 0, maximum: 1 })) }),
      handle: async ({ params: { recording = '', file = '' }, query: { download }, header }) => {
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
