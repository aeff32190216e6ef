/** How objects in space are turned, and where their points lie on the screen. No Three.js, no page: numbers only. */

/** Angles in radians: about the vertical, then tilted towards the reader. `zoom` enlarges; `panX`, `panY` move, in units of space. */
export interface Pose {
  readonly yaw: number;
  readonly pitch: number;
  readonly zoom: number;
  readonly panX: number;
  readonly panY: number;
}

export const FIRST_POSE: Pose = { yaw: -0.6, pitch: 0.35, zoom: 1, panX: 0, panY: 0 };

const [SMALLEST, LARGEST] = [0.5, 12];
/** Vertical opening of the camera, radians. */
export const OPENING = (25 * Math.PI) / 180;

export function turned(pose: Pose, yaw: number, pitch: number): Pose {
  const limit = Math.PI / 2;
  return { ...pose, yaw: pose.yaw + yaw, pitch: Math.min(limit, Math.max(-limit, pose.pitch + pitch)) };
}

export function zoomed(pose: Pose, factor: number): Pose {
  return { ...pose, zoom: Math.min(LARGEST, Math.max(SMALLEST, pose.zoom * factor)) };
}

/** What a key does to the pose; undefined for other keys. */
export function poseAfterKey(pose: Pose, key: string): Pose | undefined {
  const step = Math.PI / 24;
  switch (key) {
    case 'ArrowLeft':
      return turned(pose, -step, 0);
    case 'ArrowRight':
      return turned(pose, step, 0);
    case 'ArrowUp':
      return turned(pose, 0, -step);
    case 'ArrowDown':
      return turned(pose, 0, step);
    case '+':
    case '=':
      return zoomed(pose, 1.2);
    case '-':
      return zoomed(pose, 1 / 1.2);
    case '0':
      return FIRST_POSE;
    default:
      return undefined;
  }
}

/** A grid of cells before a camera. */
export interface Frame {
  readonly columns: number;
  readonly rows: number;
  /** Half the height of a cell. */
  readonly reach: number;
  /** Width of a cell over its height. */
  readonly wide: number;
  /** Width over height of the screen. */
  readonly aspect: number;
}

/** Half the height of what the camera sees in the plane of the cells, before zooming. */
export function halfHeight({ columns, rows, reach, wide, aspect }: Frame): number {
  return reach * Math.max(rows, (columns * wide) / aspect);
}

/** Middle of a cell in the plane of the cells; the first one is at the top left. */
export function cellCentre({ columns, rows, reach, wide }: Frame, cell: number): readonly [number, number] {
  const [column, row] = [cell % columns, Math.floor(cell / columns)];
  return [(2 * column + 1 - columns) * reach * wide, (rows - 1 - 2 * row) * reach];
}

/** The cell under a place of the screen (−1 … 1, y up); undefined outside the grid. */
export function cellAt(frame: Frame, pose: Pose, x: number, y: number): number | undefined {
  const half = halfHeight(frame) / pose.zoom;
  const column = Math.floor((x * half * frame.aspect + pose.panX) / (2 * frame.reach * frame.wide) + frame.columns / 2);
  const row = Math.floor(frame.rows / 2 - (y * half + pose.panY) / (2 * frame.reach));
  return column < 0 || column >= frame.columns || row < 0 || row >= frame.rows
    ? undefined
    : row * frame.columns + column;
}

/** Where points lie on the screen, −1 … 1 with y up, and how near: the larger, the nearer. */
export function screenOf(frame: Frame, pose: Pose, cell: number) {
  const half = halfHeight(frame);
  const distance = half / Math.tan(OPENING / 2);
  const [cx, cy] = cellCentre(frame, cell);
  const [cosY, sinY, cosP, sinP] = [Math.cos(pose.yaw), Math.sin(pose.yaw), Math.cos(pose.pitch), Math.sin(pose.pitch)];
  return (x: number, y: number, z: number): readonly [number, number, number] => {
    const [x1, z1] = [cosY * x + sinY * z, cosY * z - sinY * x];
    const [y2, z2] = [cosP * y - sinP * z1, cosP * z1 + sinP * y];
    const scale = (pose.zoom * distance) / (half * (distance - z2));
    return [((x1 + cx - pose.panX) * scale) / frame.aspect, (y2 + cy - pose.panY) * scale, z2];
  };
}

/**
 * The point [n, 3] whose picture is nearest to a place of the screen, within `within` of it (in half heights of the screen); of several as
 * good as equally near, the one in front. Undefined where there is none.
 */
export function pickPoint(
  positions: Float32Array,
  project: ReturnType<typeof screenOf>,
  {
    x,
    y,
    aspect,
    within,
  }: { readonly x: number; readonly y: number; readonly aspect: number; readonly within: number },
): number | undefined {
  let [best, found]: [number, number | undefined] = [Infinity, undefined];
  for (let i = 0; i + 2 < positions.length; i += 3) {
    const [sx, sy, depth] = project(positions[i] ?? 0, positions[i + 1] ?? 0, positions[i + 2] ?? 0);
    const away = Math.hypot((sx - x) * aspect, sy - y);
    if (away > within) continue;
    // A point twice as far from the pointer must be well in front to be meant.
    const cost = away / within - depth;
    if (cost < best) [best, found] = [cost, i / 3];
  }
  return found;
}
