/** The numbers of all frameworks, by the papers' names. On tensors each may be a knob of the training graph. */
export interface Constants<T = number> {
  /** Standard deviation of the data (EDM, x₀-prediction). */
  readonly sigmaData: T;
  /** Noise range: of sampling, and of the log-uniform training distribution. */
  readonly sigmaMin: T;
  readonly sigmaMax: T;
  /** Log-normal σ, or what is the same, logit-normal t: mean and standard deviation of ln σ. */
  readonly pMean: T;
  readonly pStd: T;
  /** VP: β(t) = β_min + β_d t. */
  readonly betaD: T;
  readonly betaMin: T;
  /** Smallest time in training (VP), and distance of uniform flow times from 0 and 1. */
  readonly epsilonT: T;
  /** Smallest time in sampling (VP). */
  readonly epsilonS: T;
}

/** Numbers that shape tables and stay on the host. */
export interface TableConstants {
  /** Entries of the discrete tables (M of EDM's table 1, T of DDPM). */
  readonly M: number;
  /** iDDPM: largest step of ᾱ, and offset of the cosine. */
  readonly C1: number;
  readonly C2: number;
  /** DDPM's linear β, ends for T = 1000. */
  readonly betaFirst: number;
  readonly betaLast: number;
}

export const TABLES: TableConstants = { M: 1000, C1: 0.001, C2: 0.008, betaFirst: 1e-4, betaLast: 0.02 };

export const DEFAULT_CONSTANTS: Constants = {
  sigmaData: 0.5,
  sigmaMin: 0.002,
  sigmaMax: 80,
  pMean: -1.2,
  pStd: 1.2,
  betaD: 19.9,
  betaMin: 0.1,
  epsilonT: 1e-5,
  epsilonS: 1e-3,
};

/** Constants that are numbers or tensors, as the generic formulas take them. */
export type ConstantsOf<T> = Constants<T | number>;
