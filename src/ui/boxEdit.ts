/** Taking hold of boxes on a picture: which part of which box is under the pointer, and what a move makes of it. */
import type { Corners } from './pictureLayers';

/** A corner, or the whole box. */
export type Grip = 'nw' | 'ne' | 'sw' | 'se' | 'all';

export interface Held {
  readonly index: number;
  readonly grip: Grip;
}

const CORNERS = ['nw', 'ne', 'sw', 'se'] as const;

function cornerOf([x1, y1, x2, y2]: Corners, corner: (typeof CORNERS)[number]): readonly [number, number] {
  return [corner.endsWith('w') ? x1 : x2, corner.startsWith('n') ? y1 : y2];
}

/** The box under (x, y): a corner within `near` goes before an inside, the chosen box before others, small boxes before large ones. */
export function gripAt(
  boxes: readonly Corners[],
  x: number,
  y: number,
  near: number,
  chosen?: number,
): Held | undefined {
  const area = ([x1, y1, x2, y2]: Corners) => (x2 - x1) * (y2 - y1);
  const order = boxes
    .map((box, index) => ({ box, index }))
    .sort((a, b) => Number(b.index === chosen) - Number(a.index === chosen) || area(a.box) - area(b.box));
  for (const { box, index } of order)
    for (const grip of CORNERS) {
      const [cx, cy] = cornerOf(box, grip);
      if (Math.abs(cx - x) <= near && Math.abs(cy - y) <= near) return { index, grip };
    }
  const inside = order.find(({ box: [x1, y1, x2, y2] }) => x >= x1 && x <= x2 && y >= y1 && y <= y2);
  return inside && { index: inside.index, grip: 'all' };
}

/** The box after its grip went by (dx, dy); it stays inside the picture and at least `smallest` wide and high. */
export function dragged(box: Corners, grip: Grip, dx: number, dy: number, side: number, smallest = 4): Corners {
  const [x1, y1, x2, y2] = box;
  const within = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v));
  if (grip === 'all') {
    const [mx, my] = [within(dx, -x1, side - x2), within(dy, -y1, side - y2)];
    return [x1 + mx, y1 + my, x2 + mx, y2 + my];
  }
  const west = grip.endsWith('w');
  const north = grip.startsWith('n');
  return [
    west ? within(x1 + dx, 0, x2 - smallest) : x1,
    north ? within(y1 + dy, 0, y2 - smallest) : y1,
    west ? x2 : within(x2 + dx, x1 + smallest, side),
    north ? y2 : within(y2 + dy, y1 + smallest, side),
  ];
}

/** The box between two places, cut to the picture; undefined where it is too small to be meant. */
export function spanned(x: number, y: number, u: number, w: number, side: number, smallest = 4): Corners | undefined {
  const within = (v: number) => Math.min(side, Math.max(0, v));
  const [x1, x2] = [within(Math.min(x, u)), within(Math.max(x, u))];
  const [y1, y2] = [within(Math.min(y, w)), within(Math.max(y, w))];
  return x2 - x1 >= smallest && y2 - y1 >= smallest ? [x1, y1, x2, y2] : undefined;
}

/** What an arrow key does to a box: it moves; with Shift its lower right corner does. Undefined for other keys. */
export function keyed(box: Corners, event: { key: string; shiftKey: boolean }, side: number): Corners | undefined {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!way) return undefined;
  const step = side / 64;
  return dragged(box, event.shiftKey ? 'se' : 'all', (way[0] ?? 0) * step, (way[1] ?? 0) * step, side);
}

/** Intersection over union. */
export function overlap(a: Corners, b: Corners): number {
  const along = (low: number, high: number) => Math.max(0, high - low);
  const inside = along(Math.max(a[0], b[0]), Math.min(a[2], b[2])) * along(Math.max(a[1], b[1]), Math.min(a[3], b[3]));
  const area = (box: Corners) => (box[2] - box[0]) * (box[3] - box[1]);
  return inside / Math.max(1e-9, area(a) + area(b) - inside);
}
