/** What each tab of the point-cloud page is given. */
import type { ClassName } from '../../data/imageSet';
import { FIRST_POSE, type Pose } from '../../ui/turntable';
import type { LabProps } from '../props';
import type { OwnShape } from './ownShape.svelte';
import type { ColourBy } from './shown';

/** How the reader looks, kept from tab to tab. */
export interface PageLook {
  /** The held-out object that is looked at alone. */
  shape: number;
  /** The point of it that was picked. */
  point: number;
  /** Which of PointNet++'s radii, where it has several. */
  scale: number;
  /** Which objects stand in the grid. */
  page: number;
  by: ColourBy;
  /** The one category that is not grey. */
  only: number | undefined;
  /** Diameter of points in pixels. */
  size: number;
  pose: Pose;
}

export const FIRST_LOOK: PageLook = {
  shape: 0,
  point: 0,
  scale: 1,
  page: 0,
  by: 'prediction',
  only: undefined,
  size: 4,
  pose: FIRST_POSE,
};

export interface ViewProps extends LabProps {
  /** Whether the weights that are to be seen are in place. */
  readonly settled: boolean;
  readonly parts: readonly ClassName[];
  /** The reader's own shape. */
  readonly own: OwnShape;
  look: PageLook;
}
