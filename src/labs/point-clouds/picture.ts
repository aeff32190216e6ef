/** Six held-out solids, turned; each point has the colour of the part that a network takes it for. */
import { categoryColour } from '../../ui/pointColours';
import { screenOf, type Frame, type Pose } from '../../ui/turntable';
import { PICTURE, type LabPicture } from '../picture';
import { objectsOf } from './shown';

const GROUND = [28, 30, 37];
const GRID = { columns: 3, rows: 2 } as const;
/** Half the height of a cell: objects lie in the unit sphere, few of them touch it from the side. */
const REACH = 0.95;
/** Steps of training before the picture is taken. */
const STEPS = 400;

export const picture: LabPicture = {
  link: '#/point-clouds?v=1&data=solids&task=parts&method=pointnet&points=512&batch=8&steps=400&every=0&seen=2048',
  async draw(session) {
    await session.advance(STEPS);
    // The first held-out ones of six classes, which follow each other.
    const shapes = [6, 2, 5, 0, 1, 3];
    const seen = await session.view('objects', { shapes });
    const objects = objectsOf(seen, shapes);
    const frame: Frame = { ...GRID, reach: REACH, wide: 1, aspect: PICTURE.width / PICTURE.height };
    return Array.from({ length: PICTURE.frames }, (_, f) => {
      // The frames go round: the last leads to the first.
      const pose: Pose = { yaw: (2 * Math.PI * f) / PICTURE.frames, pitch: 0.3, zoom: 1, panX: 0, panY: 0 };
      return paint(frame, pose, objects);
    });
  },
};

/** RGB bytes [height, width, 3]; near points hide far ones, and far ones fade. */
function paint(
  frame: Frame,
  pose: Pose,
  objects: readonly { readonly points: Float32Array; readonly predictedParts: Float32Array }[],
): Uint8Array {
  const { width, height } = PICTURE;
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => GROUND[i % 3] ?? 0);
  const depths = new Float32Array(width * height).fill(-Infinity);
  objects.forEach(({ points, predictedParts }, cell) => {
    const project = screenOf(frame, pose, cell);
    for (let i = 0; i < predictedParts.length; i++) {
      const [x, y, depth] = project(points[3 * i] ?? 0, points[3 * i + 1] ?? 0, points[3 * i + 2] ?? 0);
      const [column, row] = [Math.floor(((x + 1) / 2) * width), Math.floor(((1 - y) / 2) * height)];
      const at = row * width + column;
      if (column < 0 || column >= width || row < 0 || row >= height || depth <= (depths[at] ?? 0)) continue;
      depths[at] = depth;
      const light = Math.min(1, Math.max(0.35, 0.7 + 0.3 * depth));
      categoryColour(predictedParts[i] ?? 0).forEach((v, c) => {
        rgb[3 * at + c] = Math.round(255 * v * light + (GROUND[c] ?? 0) * (1 - light));
      });
    }
  });
  return rgb;
}
