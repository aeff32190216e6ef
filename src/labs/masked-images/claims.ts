import type { Claim } from '../../train/claim';
import { fewLabels } from './claims/fewLabels';
import { normalisedTarget } from './claims/normalisedTarget';
import { probeOverRatio } from './claims/probeOverRatio';
import { visibleOnlyCost } from './claims/visibleOnlyCost';

/** The claims of meta.ts, in its order, as experiments. */
export const claims: readonly Claim[] = [visibleOnlyCost, probeOverRatio, fewLabels, normalisedTarget];
