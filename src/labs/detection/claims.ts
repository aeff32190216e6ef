import type { Claim } from '../../train/claim';
import { cost } from './claims/cost';
import { bins, modulation, warped } from './claims/deformed';
import { dilation } from './claims/dilation';
import { exact } from './claims/exact';
import { ohem } from './claims/ohem';
import { position } from './claims/position';

/** The claims of meta.ts, in its order, as experiments. */
export const claims: readonly Claim[] = [cost, position, warped, dilation, modulation, bins, ohem, exact];
