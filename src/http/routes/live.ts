import { Type } from '@sinclair/typebox';
import { Problem } from '../../errors.js';
import type { EventLog } from '../../monitor/events.js';
import type { Monitor } from '../../monitor/monitor.js';
import type { Streaming } from '../../monitor/streaming.js';
import { closeCodes } from '../live/acknowledgement.js';
import type { PreviewHub } from '../live/hub.js';
import { MjpegViewer } from '../live/mjpeg.js';
import { Mp4Viewer } from '../live/mp4.js';
import { Snapshots } from '../live/snapshots.js';
import { SocketViewer } from '../live/socket-viewer.js';
import type { VideoHub } from '../live/video-hub.js';
import { VideoSocketViewer } from '../live/video-socket-viewer.js';
import { answersBytes } from '../answer.js';
import type { Exchange } from '../exchange.js';
import { jpeg, type StreamReply } from '../reply.js';
import { route, type Route } from '../route.js';
import { socketRoute, type AnySocketRoute } from '../sockets.js';

const width = Type.Optional(
  Type.Integer({ minimum: 64, maximum: 4096, description: 'In pixels.' }),
);
const fps = Type.Optional(
  Type.Number({ minimum: 0.1, maximum: 240, description: 'The most pictures a second.' }),
);

/** Pictures without a WebSocket. */
export function liveRoutes(monitor: Monitor, hub: PreviewHub, video: VideoHub): Route[] {
  const snapshots = new Snapshots((wanted) => monitor.snapshot(wanted));
  const { streaming } = monitor;
  const refuseWhereOff = (): void => {
    if (streaming.on) return;
    const detail = 'An operator has switched the live view off for everybody.';
    throw new Problem('streaming-off', detail);
  };
  /** An answer that goes on until it is switched off. */
  const streamed = (start: (exchange: Exchange) => void): StreamReply => {
    refuseWhereOff();
    return {
      stream: (exchange) => {
        exchange.whenOver(streaming.enter(() => exchange.breakOff()));
        start(exchange);
      },
    };
  };
  return [
    route({
      method: 'GET',
      path: '/snapshot.jpg',
      summary: 'The next frame as a picture',
      answer: answersBytes('image/jpeg', 'The picture.'),
      lenientQuery: true,
      query: Type.Object({ width }),
      handle: async ({ query }) => {
        refuseWhereOff();
        return jpeg(await snapshots.get(query.width ?? monitor.settings.preview.width));
      },
    }),
    route({
      method: 'GET',
      path: '/stream.mjpg',
      summary: 'Motion JPEG, without an end',
      answer: answersBytes('multipart/x-mixed-replace', 'One part a picture.'),
      lenientQuery: true,
      query: Type.Object({ width, fps }),
      handle: ({ query }) =>
        streamed((exchange) => {
          new MjpegViewer(exchange, hub, query.width ?? null, query.fps ?? null).start();
        }),
    }),
    route({
      method: 'GET',
      path: '/stream.mp4',
      summary: 'H.264 in a fragmented MP4, without an end',
      answer: answersBytes('video/mp4', 'A fragment a frame, from a keyframe on.'),
      lenientQuery: true,
      handle: () => streamed((exchange) => new Mp4Viewer(exchange, video).start()),
    }),
  ];
}

const previewWords =
  'Binary messages, little endian: u8 type (1 JPEG, 2 MP4 init, 3 MP4 fragment of one frame), ' +
  'u8 flags (1: shown without others), u16 header length (24), ' +
  'u32 sequence, u64 sensor time in ns, u64 wall time in µs (0 unknown), then the payload. With ' +
  '`ack=1` send the u32 sequence of each frame decoded as 4 bytes; what is on its way is bounded by it. ' +
  'H.264 comes from a keyframe on, and after a delay from the next. One who acknowledges gets a smaller ' +
  'video until his link is known to carry the camera’s size and rate, and again where it does not; each ' +
  'change is another MP4 init. Where not even that gets through it is closed with 4004. An operator has ' +
  'switched the live view off for everybody: 4005.';

const PreviewQuery = Type.Object(
  {
    codec: Type.Optional(
      Type.Unsafe<'jpeg' | 'h264'>({ type: 'string', enum: ['jpeg', 'h264'], default: 'jpeg' }),
    ),
    width,
    fps,
    ack: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1, description: '1: frames are acknowledged.' }),
    ),
  },
  { additionalProperties: false },
);

export function previewSocket(
  hub: PreviewHub,
  video: VideoHub,
  streaming: Streaming,
): AnySocketRoute {
  return socketRoute({
    path: '/api/v1/preview',
    summary: 'WebSocket: the live picture, the newest or none',
    description: previewWords,
    query: PreviewQuery,
    maxMessage: 64,
    maxBuffered: 32 * 1024 * 1024, // the window bounds it: eight large pictures at most
    closeWhenFull: true,
    open: (socket, query) => {
      const end = (): void => socket.end(closeCodes.switchedOff, 'the live view is switched off');
      if (!streaming.on) {
        end();
        return nothingHeard;
      }
      const left = streaming.enter(end);
      const ack = query.ack === 1;
      if (query.codec === 'h264') {
        const viewer = new VideoSocketViewer(socket, video, ack);
        video.add(viewer);
        return {
          onMessage: (message, isBinary) => viewer.onMessage(message, isBinary),
          onDrain: () => undefined,
          onClose: () => {
            left();
            video.remove(viewer);
          },
        };
      }
      const wish = { width: query.width ?? null, fps: query.fps ?? null, ack };
      const viewer = new SocketViewer(socket, hub, wish);
      hub.add(viewer);
      return {
        onMessage: (message, isBinary) => viewer.onMessage(message, isBinary),
        onDrain: () => viewer.onDrain(),
        onClose: () => {
          left();
          hub.remove(viewer);
        },
      };
    },
  });
}

/** Of a socket that is closed as it opens. */
const nothingHeard = {
  onMessage: () => undefined,
  onDrain: () => undefined,
  onClose: () => undefined,
};

const EventsQuery = Type.Object(
  { since: Type.Optional(Type.Integer({ minimum: 0 })) },
  { additionalProperties: false },
);

/** Without `since` only what happens from now on is told. */
export function eventsSocket<T extends string>(events: EventLog<T>): AnySocketRoute {
  return socketRoute({
    path: '/api/v1/events',
    summary: 'WebSocket: what happens, as it happens',
    description:
      'Text messages {id, type, wallUs, data}. After a reconnection `since`, the id of the last one ' +
      'seen, brings what was missed; a message of the type gap says that some of it is forgotten.',
    query: EventsQuery,
    maxMessage: 64,
    maxBuffered: 1024 * 1024,
    closeWhenFull: true, // it comes again and asks for what it missed
    open: (socket, { since }) => {
      const missed = since === undefined ? [] : events.since(since);
      for (const event of missed) socket.send(JSON.stringify(event));
      const unsubscribe = events.subscribe((event) => {
        socket.send(JSON.stringify(event));
      });
      return { onMessage: () => undefined, onDrain: () => undefined, onClose: unsubscribe };
    },
  });
}
