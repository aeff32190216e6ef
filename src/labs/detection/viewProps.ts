/** What each tab of the detection page is given. */
import type { LabProps } from '../props';
import type { OwnPictures } from './ownPictures.svelte';

/** How the reader looks, kept from tab to tab. */
export interface PageLook {
  /** Number of the held-out scene. */
  scene: number;
  /** Class whose maps are looked at; undefined: that of the scene's first object. */
  label: number | undefined;
}

export const FIRST_LOOK: PageLook = { scene: 0, label: undefined };

export interface ViewProps extends LabProps {
  /** Whether the weights that are to be seen are in place. */
  readonly settled: boolean;
  /** The reader's own pictures. */
  readonly own: OwnPictures;
  look: PageLook;
}
