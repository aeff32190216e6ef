/** Architectures as numbers: what decides whether weights fit, and what the network does with a cloud. */
import type { Occupancy } from '../../engine/ops/voxels';

export type Method = 'pointnet' | 'pointnet2' | 'dgcnn' | 'voxels' | 'views';
export type Task = 'classification' | 'parts' | 'scene';

interface Common {
  readonly task: Task;
  /** Numbers of a point, D: 3 coordinates, 6 with normals, 9 in rooms. */
  readonly channels: 3 | 6 | 9;
  /** Logits: classes, or parts, or what the points of a room can be. */
  readonly outputs: number;
  /** Classes that part segmentation is told; 0 otherwise. */
  readonly categories: number;
  /** Channels of the first layer; the others are multiples. */
  readonly width: number;
  /** Share of the last hidden numbers left out in training. */
  readonly dropout: number;
}

export interface PointNetShape extends Common {
  readonly method: 'pointnet';
  /** Width of the global feature. */
  readonly bottleneck: number;
  readonly inputTransform: boolean;
  readonly featureTransform: boolean;
  readonly pooling: 'max' | 'mean';
}

export type Grouping = 'ssg' | 'msg' | 'mrg';

export interface PointNet2Shape extends Common {
  readonly method: 'pointnet2';
  readonly bottleneck: number;
  readonly grouping: Grouping;
  /** Centres of the first level; a quarter at each further one. */
  readonly centres: number;
  /** Points in a ball of the first level. */
  readonly members: number;
  /** Radius of the first level; twice as much at each further one. */
  readonly radius: number;
}

export interface DgcnnShape extends Common {
  readonly method: 'dgcnn';
  readonly bottleneck: number;
  readonly k: number;
  readonly graph: 'dynamic' | 'fixed';
}

export interface VoxNetShape extends Common {
  readonly method: 'voxels';
  /** Cells along an edge. */
  readonly side: number;
  readonly occupancy: Occupancy;
}

export interface MvcnnShape extends Common {
  readonly method: 'views';
  readonly views: number;
  /** Pixels along an edge. */
  readonly size: number;
  readonly shading: 'depth' | 'normals';
}

export type NetworkShape = PointNetShape | PointNet2Shape | DgcnnShape | VoxNetShape | MvcnnShape;
