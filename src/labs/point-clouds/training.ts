/** One training step's graph up to the loss: clouds and labels drawn and distorted on the device, network, cross-entropy. */
import { augmentPoints } from '../../engine/ops/augmentPoints';
import { concat } from '../../engine/ops/concat';
import { gatherRows } from '../../engine/ops/gather';
import { labelBatch } from '../../engine/ops/images';
import { pointBatch } from '../../engine/ops/pointBatch';
import { add, mul } from '../../engine/ops/pointwise';
import { batchIndices } from '../../engine/ops/random';
import { mean } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/reshape';
import { slice } from '../../engine/ops/slice';
import { softmaxCrossEntropy } from '../../engine/ops/softmaxCrossEntropy';
import { constant } from '../../engine/state';
import type { Tensor } from '../../engine/tensor';
import type { PointData } from './data/data';
import { deviceShapes } from './data/deviceShapes';
import type { Chance, Layers } from './layers';
import { network, type CloudBatch } from './network';
import type { NetworkShape } from './networkShape';
import { orthogonality } from './networks/tNet';
import { takesNormals, type PointSettings } from './settings';

export interface LabelledBatch {
  readonly clouds: CloudBatch;
  /** u32 [B], or [B, N] of points; NO_LABEL where a point was thrown away from its shape. */
  readonly labels: Tensor;
}

/** No class: the loss leaves it out. */
export const NO_LABEL = 255;

/** points [B, N, 3 or 6] as coordinates and normals. */
export function splitNormals(points: Tensor): Pick<CloudBatch, 'points' | 'normals'> {
  const [B = 1, N = 1, D = 3] = points.shape;
  if (D === 3) return { points };
  return { points: slice(points, [0, 0, 0], [B, N, 3]), normals: slice(points, [0, 0, 3], [B, N, 3]) };
}

/** A step's clouds: other points of other shapes each time, distorted by `strength` [9]. */
export function trainingBatch(
  data: PointData,
  { network: shape, points: N, batch }: PointSettings,
  chance: Chance,
  strength: Tensor,
): LabelledBatch {
  const shapes = deviceShapes(data, 'train');
  const items = batchIndices(chance.seed, chance.step, { count: shapes.count, batch, stream: 'batch' });
  const drawn = pointBatch(shapes.words.tensor(), items, chance, {
    stored: data.set.points,
    points: N,
    normals: takesNormals(shape),
    resample: true,
    stream: 'points',
  });
  const moved = augmentPoints(drawn.points, chance, strength, 'augmentation');
  const category = labelBatch(shapes.labels.tensor(), items);
  const clouds: CloudBatch = {
    ...splitNormals(moved.points),
    frames: shape.task === 'scene' && shapes.frames ? gatherRows(shapes.frames.tensor(), items) : undefined,
    category: shape.categories > 0 ? category : undefined,
  };
  return { clouds, labels: shape.task === 'classification' ? category : movedLabels(drawn.parts, moved.source) };
}

/** Labels u32 [B, N] follow their points; source N is an outlier, which has none. */
export function movedLabels(parts: Tensor, source: Tensor): Tensor {
  const [B = 1, N = 1] = parts.shape;
  const none = constant(new Array<number>(B).fill(NO_LABEL), [B, 1], 'u32');
  return reshape(gatherRows(reshape(concat([parts, none], 1), [B, N + 1, 1]), source), [B, N]);
}

/** Mean cross-entropy, and PointNet's regulariser where it has a feature transform; `weight` is a scalar. */
export function loss(
  l: Layers,
  shape: NetworkShape,
  { clouds, labels }: LabelledBatch,
  {
    smoothing,
    form,
    weight,
  }: { smoothing: number; form: PointSettings['regulariser']['form']; weight: Tensor | number },
): Tensor {
  const { logits, featureTransform } = network(l, shape, clouds);
  const error = mean(softmaxCrossEntropy(logits, labels, { labelSmoothing: smoothing }));
  return featureTransform ? add(error, mul(orthogonality(featureTransform, form), weight)) : error;
}
