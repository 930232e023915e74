import type { PreviewMessage } from '../preview-message';

/** What a player does with what it has made of the messages. */
export interface PlayerHandlers {
  /** A picture to be shown now; it is only good during the call. */
  onPicture: (picture: CanvasImageSource, size: Size, frame: PictureOf) => void;
  /** The frame of this sequence is done with: the server may send another. */
  onDone: (sequence: number) => void;
  /** This browser cannot play what came. */
  onFailure: () => void;
}

export interface Size {
  width: number;
  height: number;
}

/** Which frame of the camera a picture is. */
export interface PictureOf {
  sequence: number;
  sensorUs: number;
}

/** Makes pictures of the messages of one connection, the newest as soon as it can. */
export interface Player {
  receive: (message: PreviewMessage) => void;
  /** Nothing is called afterwards. */
  stop: () => void;
}
