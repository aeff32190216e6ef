/** Which noise levels training sees: σ as the quantile function of a uniform number, or from a standard normal one. */
import type { Arithmetic } from './arithmetic';
import { TABLES, type ConstantsOf } from './constants';
import { iddpmSigma } from './iddpmTable';
import { schedules } from './schedule';

/**
 * logNormal: ln σ ~ N(P_mean, P_std²) (EDM); logitNormal: logit t ~ N(P_mean, P_std²) with t = σ/(1 + σ), the same distribution since
 * logit t = ln σ; uniformTime: t ~ U(0, 1) (flow matching); logUniform: ln σ ~ U(ln σ_min, ln σ_max) (VE); vpTime: VP's σ(t) with
 * t ~ U(ε_t, 1); iddpmTable: σ = u_j, j uniform.
 */
export type NoiseName = 'logNormal' | 'logitNormal' | 'uniformTime' | 'logUniform' | 'vpTime' | 'iddpmTable';

interface NoiseDistribution {
  /** What `sigma` takes: u in [0, 1) or a standard normal number. */
  readonly from: 'uniform' | 'normal';
  sigma<T>(a: Arithmetic<T>, draw: T | number, c: ConstantsOf<T>): T;
}

const logNormal: NoiseDistribution = {
  from: 'normal',
  sigma: (a, z, c) => a.exp(a.add(a.mul(z, c.pStd), c.pMean)),
};

export const noiseDistributions: Readonly<Record<NoiseName, NoiseDistribution>> = {
  logNormal,
  logitNormal: logNormal,
  uniformTime: {
    from: 'uniform',
    // t = ε_t + (1 − 2ε_t) u keeps σ = t/(1 − t) off 0 and infinity.
    sigma: (a, u, c) => {
      const t = a.add(a.mul(u, a.sub(1, a.mul(c.epsilonT, 2))), c.epsilonT);
      return schedules.flow.sigma(a, t, c);
    },
  },
  logUniform: {
    from: 'uniform',
    sigma: (a, u, c) => {
      const low = a.log(c.sigmaMin);
      return a.exp(a.add(low, a.mul(u, a.sub(a.log(c.sigmaMax), low))));
    },
  },
  vpTime: {
    from: 'uniform',
    sigma: (a, u, c) => schedules.vp.sigma(a, a.add(a.mul(u, a.sub(1, c.epsilonT)), c.epsilonT), c),
  },
  iddpmTable: {
    from: 'uniform',
    // Downwards, so that σ grows with u. ⌊uM⌋ stays below M since u < 1.
    sigma: (a, u) => iddpmSigma(a, a.sub(TABLES.M - 1, a.floor(a.mul(u, TABLES.M)))),
  },
};
