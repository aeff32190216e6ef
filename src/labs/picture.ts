/** A lab's picture in the gallery: a strip of frames drawn from real results, made by the runner and kept beside the lab. */
import type { Session } from '../train/session';

/** Every lab's strip has this many frames of this size, side by side. */
export const PICTURE = { frames: 8, width: 96, height: 64 } as const;

/** `src/labs/<lab>/picture.ts` exports one; `picture.png` beside it is what it drew. */
export interface LabPicture {
  /** The experiment that is opened for it. */
  readonly link: string;
  /** A shipped model that is looked at; the link's fresh weights without it. */
  readonly model?: string;
  /** Frames of RGB bytes [height, width, 3]. */
  draw(session: Session): Promise<readonly Uint8Array[]>;
}
