/** What the look inside each network is given. */
import type { Config } from '../../train/control';
import type { Views } from './shown';
import type { PageLook } from './viewProps';

export interface InsideProps {
  /** Of the view 'inside': points and what was tapped, for one cloud. */
  readonly views: Views;
  readonly config: Config;
  look: PageLook;
}
