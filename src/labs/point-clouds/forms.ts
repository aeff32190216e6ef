/** Which form of a shape each method is given. */
export type Form = 'points' | 'voxels' | 'graph' | 'views';

export const FORM_OF: Readonly<Record<string, Form>> = {
  pointnet: 'points',
  pointnet2: 'points',
  dgcnn: 'graph',
  voxels: 'voxels',
  views: 'views',
};

/** The method that is trained for each form where all four are compared (comparison.ts). */
const METHOD_OF: Readonly<Record<Form, string>> = {
  points: 'pointnet',
  voxels: 'voxels',
  graph: 'dgcnn',
  views: 'views',
};

export interface Compared {
  /** On all held-out shapes, 0…1. */
  readonly accuracy: number;
  /** Of each class, for one shape. */
  readonly probabilities: readonly number[];
}

/** What the comparison's figures say of a shape in one form; undefined where it was not judged. */
export function comparedOf(
  figures: Readonly<Record<string, number>> | undefined,
  form: Form,
  shape: number,
  classes: number,
): Compared | undefined {
  const method = METHOD_OF[form];
  const accuracy = figures?.[`${method}.accuracy`];
  const probabilities = Array.from({ length: classes }, (_, k) => figures?.[`${method}.${shape}.${k}`] ?? NaN);
  if (accuracy === undefined || probabilities.some((p) => Number.isNaN(p))) return undefined;
  return { accuracy, probabilities };
}
