/** The network of a run, whichever it is. */
import { concat } from '../../engine/ops/concat';
import { add, mul } from '../../engine/ops/pointwise';
import { reshape } from '../../engine/ops/reshape';
import { slice } from '../../engine/ops/slice';
import type { Tensor } from '../../engine/tensor';
import type { Layers } from './layers';
import { dgcnn } from './networks/dgcnn';
import { picturesOf, viewLogits } from './networks/mvcnn';
import { pointNet } from './networks/pointNet';
import { pointNet2 } from './networks/pointNet2';
import { gridOf, voxNet } from './networks/voxNet';
import type { NetworkShape } from './networkShape';

/** A batch of clouds as networks take them. */
export interface CloudBatch {
  /** [B, N, 3] */
  readonly points: Tensor;
  /** [B, N, 3] */
  readonly normals?: Tensor | undefined;
  /** Of blocks of rooms, [B, 6]: scale and offset that take a point to its place in the room. */
  readonly frames?: Tensor | undefined;
  /** Class of each cloud, u32 [B], where parts are asked for. */
  readonly category?: Tensor | undefined;
}

/** The numbers of each point: [B, N, 3]; with normals [B, N, 6]; in rooms [B, N, 9] with the place in the room behind. */
function pointNumbers({ points, normals, frames }: CloudBatch, channels: 3 | 6 | 9): Tensor {
  if (channels === 3) return points;
  if (!normals) throw new Error('point clouds: this network takes normals, and the clouds come without');
  if (channels === 6) return concat([points, normals], 2);
  if (!frames) throw new Error('point clouds: this network takes blocks of rooms, and the clouds come without frames');
  const B = points.shape[0] ?? 1;
  const half = (at: number) => reshape(slice(frames, [0, at], [B, 3]), [B, 1, 3]);
  return concat([points, normals, add(mul(points, half(0)), half(3))], 2);
}

export interface NetworkResult {
  /** [B, outputs], or [B, N, outputs] of points. */
  readonly logits: Tensor;
  /** PointNet's A64 [B, w, w], for the regulariser. */
  readonly featureTransform?: Tensor;
}

/** What the first layer is given: the numbers of each point [B, N, D], a grid [B, 1, R, R, R], or pictures [B, V, C, H, H]. */
export function inputOf(shape: NetworkShape, clouds: CloudBatch): Tensor {
  if (shape.method === 'voxels') return gridOf(shape, clouds.points);
  if (shape.method === 'views') return picturesOf(shape, clouds.points, clouds.normals);
  return pointNumbers(clouds, shape.channels);
}

/** The network on such an input; category u32 [B] for parts. */
export function networkOn(l: Layers, shape: NetworkShape, input: Tensor, category?: Tensor): NetworkResult {
  switch (shape.method) {
    case 'pointnet':
      return pointNet(l, shape, input, category);
    case 'pointnet2':
      return { logits: pointNet2(l, shape, input, category) };
    case 'dgcnn':
      return { logits: dgcnn(l, shape, input, category) };
    case 'voxels':
      return { logits: voxNet(l, shape, input) };
    case 'views':
      return { logits: viewLogits(l, shape, input) };
  }
}

export function network(l: Layers, shape: NetworkShape, clouds: CloudBatch): NetworkResult {
  return networkOn(l, shape, inputOf(shape, clouds), clouds.category);
}
