/** Which form of a shape each method is given. */
export type Form = 'points' | 'voxels' | 'graph' | 'views';

export const FORM_OF: Readonly<Record<string, Form>> = {
  pointnet: 'points',
  pointnet2: 'points',
  dgcnn: 'graph',
  voxels: 'voxels',
  views: 'views',
};
