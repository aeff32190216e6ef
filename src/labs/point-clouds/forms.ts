/** Which form of a shape each method is given. */
import type { ComparedMethod } from './comparedNetworks';
import { floats, type Views } from './shown';

export type Form = 'points' | 'voxels' | 'graph' | 'views';

export const FORM_OF: Readonly<Record<string, Form>> = {
  pointnet: 'points',
  pointnet2: 'points',
  dgcnn: 'graph',
  voxels: 'voxels',
  views: 'views',
};

/** What is trained for each form where all four are compared (comparison.ts). */
const METHOD_OF: Readonly<Record<Form, ComparedMethod>> = {
  points: 'pointnet',
  voxels: 'voxels',
  graph: 'dgcnn',
  views: 'views',
};

export interface Compared {
  /** On all held-out shapes, undistorted, 0…1. */
  readonly accuracy: number;
  /** Of each class, for the shape as it is seen. */
  readonly probabilities: Float32Array;
}

/** What the view 'compared' says of its first shape in one form; undefined where no network of this form was trained for it. */
export function comparedOf(views: Views | undefined, form: Form): Compared | undefined {
  const method = METHOD_OF[form];
  const [seen, accuracy] = [views?.[method], floats(views?.[`${method}.accuracy`])[0]];
  if (!seen || accuracy === undefined) return undefined;
  return { accuracy, probabilities: floats(seen).subarray(0, seen.shape[1]) };
}
