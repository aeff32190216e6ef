import type { Claim } from '../../train/claim';
import { orderOfSamplers } from './claims/orderOfSamplers';
import { rho } from './claims/rho';

/** The claims of meta.ts, in its order, as experiments. */
export const claims: readonly Claim[] = [orderOfSamplers, rho];
