import { Type } from '@sinclair/typebox';
import { validator } from '../../../config/validate.js';
import type { Wall, WallViewer } from '../../../controller/wall/wall.js';
import { parseJson } from '../../body.js';
import { socketRoute, type AnySocketRoute } from '../../sockets.js';

/** With this the socket is closed where a message is none of those below. */
const malformed = 4002;

const ViewSchema = Type.Object(
  { view: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 500 }) },
  { additionalProperties: false },
);
const checkView = validator(ViewSchema, 'The message');

export function wallSocket(wall: Wall): AnySocketRoute {
  return socketRoute({
    path: '/api/v1/wall',
    summary: 'The tiles of all monitors, with pictures of those in view',
    description:
      'To the viewer: text {"tiles", "removed"} when something changed, and binary pictures: u32 number ' +
      'of the monitor, then a preview message. From the viewer: text {"view": [numbers]}, the tiles in ' +
      'view; binary u32, the number of a tile whose picture is drawn: then it gets the next.',
    query: Type.Object({}, { additionalProperties: false }),
    maxMessage: 16 * 1024,
    maxBuffered: 64 * 1024 * 1024, // one picture for each tile in view bounds it
    closeWhenFull: true,
    open: (socket) => {
      const viewer: WallViewer = {
        sendPicture: (message) => socket.send(message, true),
        sendTiles: (change) => socket.send(JSON.stringify(change)),
      };
      wall.add(viewer);
      return {
        onMessage: (message, isBinary) => {
          try {
            if (!isBinary) {
              wall.look(viewer, checkView(parseJson(Buffer.from(message).toString())).view);
            } else wall.drawn(viewer, new DataView(message).getUint32(0, true));
          } catch {
            socket.end(malformed, 'a message is {"view": [numbers]} or a binary u32');
          }
        },
        onDrain: () => undefined,
        onClose: () => wall.remove(viewer),
      };
    },
  });
}
