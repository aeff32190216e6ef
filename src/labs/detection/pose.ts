/** An object in the reader's hand: its frame on the picture, and what dragging and keys make of it. */
import type { Corners, PictureLayer } from '../../ui/pictureLayers';

export interface Pose {
  /** Middle and longer side in pixels. */
  readonly x: number;
  readonly y: number;
  readonly extent: number;
  /** Radians, clockwise. */
  readonly rotation: number;
  /** 0 to 1. */
  readonly warp: number;
}

/** What is taken hold of. */
export type PosePart = 'move' | 'scale' | 'turn';

type Point = readonly [number, number];

/** Smallest and largest extent as shares of the picture. */
export const EXTENTS = [0.1, 0.9] as const;

export function firstPose(side: number): Pose {
  return { x: side / 2, y: side / 2, extent: 0.45 * side, rotation: 0, warp: 0 };
}

/** Corners of its square in order, and the knob above its upper edge. */
export function frameOf({ x, y, extent, rotation }: Pose): {
  readonly corners: readonly Point[];
  readonly knob: Point;
} {
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const at = (u: number, w: number): Point => [
    x + (extent / 2) * (cos * u - sin * w),
    y + (extent / 2) * (sin * u + cos * w),
  ];
  return { corners: [at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)], knob: at(0, -1.3) };
}

/** Frame, corners and knob as they are drawn. */
export function frameLayers(pose: Pose): PictureLayer[] {
  const { corners, knob } = frameOf(pose);
  const next = corners.map((_, i) => corners[(i + 1) % 4] ?? knob);
  const [a = knob, b = knob] = corners;
  const top: Point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return [
    { kind: 'lines', from: [...corners, top].flat(), to: [...next, knob].flat(), tone: 'accent', alpha: 0.8 },
    { kind: 'dots', points: [...corners, knob].flat(), tone: 'accent', size: 5 },
  ];
}

export function partAt(pose: Pose, x: number, y: number, near: number): PosePart | undefined {
  const { corners, knob } = frameOf(pose);
  const close = ([u, w]: Point) => Math.hypot(u - x, w - y) <= 1.5 * near;
  if (close(knob)) return 'turn';
  if (corners.some(close)) return 'scale';
  const [cos, sin] = [Math.cos(pose.rotation), Math.sin(pose.rotation)];
  const [dx, dy] = [x - pose.x, y - pose.y];
  const [u, w] = [cos * dx + sin * dy, cos * dy - sin * dx];
  return Math.max(Math.abs(u), Math.abs(w)) <= pose.extent / 2 ? 'move' : undefined;
}

const within = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v));

/** The pose after its part was pulled from one place to another. */
export function pulled(before: Pose, part: PosePart, from: Point, to: Point, side: number): Pose {
  if (part === 'move')
    return {
      ...before,
      x: within(before.x + to[0] - from[0], 0, side),
      y: within(before.y + to[1] - from[1], 0, side),
    };
  const reach = ([x, y]: Point) => Math.max(1, Math.hypot(x - before.x, y - before.y));
  if (part === 'scale') return sized(before, (before.extent * reach(to)) / reach(from), side);
  const angle = ([x, y]: Point) => Math.atan2(y - before.y, x - before.x);
  return turned(before, before.rotation + angle(to) - angle(from));
}

function sized(pose: Pose, extent: number, side: number): Pose {
  return { ...pose, extent: within(extent, EXTENTS[0] * side, EXTENTS[1] * side) };
}

/** Within half a turn to either side. */
function turned(pose: Pose, rotation: number): Pose {
  const whole = 2 * Math.PI;
  return { ...pose, rotation: rotation - whole * Math.round(rotation / whole) };
}

/** Arrows move, + and − scale, [ and ] turn, comma and full stop bend. Undefined for other keys. */
export function keyedPose(pose: Pose, key: string, side: number): Pose | undefined {
  const step = side / 64;
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (way) {
    const to: Point = [(way[0] ?? 0) * step, (way[1] ?? 0) * step];
    return pulled(pose, 'move', [0, 0], to, side);
  }
  if (key === '+' || key === '=') return sized(pose, pose.extent * 1.08, side);
  if (key === '-') return sized(pose, pose.extent / 1.08, side);
  if (key === '[' || key === ']') return turned(pose, pose.rotation + (key === ']' ? 1 : -1) * (Math.PI / 24));
  if (key === ',' || key === '.') return { ...pose, warp: within(pose.warp + (key === '.' ? 0.1 : -0.1), 0, 1) };
  return undefined;
}

/** Share of points [n, 2] that lie in a box. */
export function shareInside(points: ArrayLike<number>, [x1, y1, x2, y2]: Corners): number {
  let inside = 0;
  const count = Math.floor(points.length / 2);
  for (let i = 0; i < count; i++) {
    const [x, y] = [points[2 * i] ?? NaN, points[2 * i + 1] ?? NaN];
    if (x >= x1 && x <= x2 && y >= y1 && y <= y2) inside++;
  }
  return inside / Math.max(1, count);
}

/** Root mean square distance of points [n, 2] from a place. */
export function spreadOf(points: ArrayLike<number>, [x, y]: Point): number {
  let sum = 0;
  const count = Math.floor(points.length / 2);
  for (let i = 0; i < count; i++) sum += ((points[2 * i] ?? 0) - x) ** 2 + ((points[2 * i + 1] ?? 0) - y) ** 2;
  return Math.sqrt(sum / Math.max(1, count));
}
