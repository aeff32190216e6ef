/** The networks that a comparison trained last, one a kind, kept with their device so that they judge again as the sliders move. */
import type { Runtime } from '../../engine/runtime';
import type { PointData } from './data/data';
import type { TrainedNetwork } from './claims/trainedNetwork';

/** Views, voxels, points and a graph. */
export const COMPARED_METHODS = ['views', 'voxels', 'pointnet', 'dgcnn'] as const;
export type ComparedMethod = (typeof COMPARED_METHODS)[number];

export interface ComparedNetwork {
  readonly method: ComparedMethod;
  readonly network: TrainedNetwork;
  /** On all held-out shapes, undistorted, 0…1. */
  readonly accuracy: number;
}

interface Kept {
  /** Networks of other data have other classes. */
  readonly set: string;
  readonly networks: ComparedNetwork[];
}

const kept = new WeakMap<Runtime, Kept>();

/** Frees those of the last comparison; the next ones are of these data. */
export function startComparison(runtime: Runtime, { set }: PointData): void {
  for (const { network } of kept.get(runtime)?.networks ?? []) network.dispose();
  kept.set(runtime, { set: set.id, networks: [] });
}

export function keepCompared(runtime: Runtime, trained: ComparedNetwork): void {
  kept.get(runtime)?.networks.push(trained);
}

/** Those that know these data; none where nothing was compared on them. */
export function comparedNetworks(runtime: Runtime, { set }: PointData): readonly ComparedNetwork[] {
  const found = kept.get(runtime);
  return found?.set === set.id ? [...found.networks] : [];
}
