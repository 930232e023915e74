/** x, y, width, height: of a picture in shares of 1, or of the sensor in pixels. */
export type Rectangle = [number, number, number, number];

interface Point {
  x: number;
  y: number;
}

const smallestShare = 0.05;

/**
 * The rectangle dragged from one point to another, in shares of the picture. It keeps the picture's
 * shape, for another one would be cut again by the camera; null where it is too small to be meant.
 */
export function draggedRegion(from: Point, to: Point): Rectangle | null {
  const towards = { x: to.x < from.x ? -1 : 1, y: to.y < from.y ? -1 : 1 };
  const room = {
    x: towards.x > 0 ? 1 - from.x : from.x,
    y: towards.y > 0 ? 1 - from.y : from.y,
  };
  const wanted = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  const side = Math.min(wanted, room.x, room.y);
  if (side < smallestShare) return null;
  const x = towards.x > 0 ? from.x : from.x - side;
  const y = towards.y > 0 ? from.y : from.y - side;
  return [x, y, side, side];
}

/** That part of the picture in the sensor's pixels, where the picture shows `shown` of it. */
export function sensorRegion([x, y, width, height]: Rectangle, shown: Rectangle): Rectangle {
  const [left, top, wide, high] = shown;
  return [
    Math.round(left + x * wide),
    Math.round(top + y * high),
    Math.round(width * wide),
    Math.round(height * high),
  ];
}

/** Where a point of the page is in a picture that keeps its shape within its element. */
export function pointIn(
  picture: { width: number; height: number },
  box: { left: number; top: number; width: number; height: number },
  point: Point,
): Point {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const shown = { width: picture.width * scale, height: picture.height * scale };
  const share = (value: number, size: number): number => Math.min(1, Math.max(0, value / size));
  return {
    x: share(point.x - box.left - (box.width - shown.width) / 2, shown.width),
    y: share(point.y - box.top - (box.height - shown.height) / 2, shown.height),
  };
}
