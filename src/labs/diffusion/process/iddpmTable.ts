/** Noise levels of improved DDPM's cosine schedule, as EDM's table 1 has them. */
import type { Arithmetic } from './arithmetic';
import { TABLES } from './constants';

const { M, C1, C2 } = TABLES;
const angle = (j: number): number => (Math.PI * j) / (2 * M * (C2 + 1));

/** u₀ … u_M: u_M = 0, u_{j−1} = √((u_j² + 1)/max(ᾱ_{j−1}/ᾱ_j, C₁) − 1), ᾱ_j = sin²(πj / 2M(C₂ + 1)). */
export const iddpmTable: readonly number[] = (() => {
  const alphaBar = (j: number): number => Math.sin(angle(j)) ** 2;
  const u = new Array<number>(M + 1).fill(0);
  for (let j = M; j > 0; j--) {
    u[j - 1] = Math.sqrt(((u[j] ?? 0) ** 2 + 1) / Math.max(alphaBar(j - 1) / alphaBar(j), C1) - 1);
  }
  return u;
})();

/**
 * u_j for j = 0 … M, in closed form. Only the first entry meets C₁; elsewhere u_j² = ᾱ_M/ᾱ_j − 1 = sin(a_M − a_j) sin(a_M + a_j)/sin² a_j,
 * without the cancellation of the quotient.
 */
export function iddpmSigma<T>(a: Arithmetic<T>, j: T | number): T {
  const end = angle(M);
  const here = a.mul(a.max(j, 1), angle(1));
  const product = a.mul(a.sin(a.max(a.sub(end, here), 0)), a.sin(a.add(end, here)));
  const sigma = a.div(a.sqrt(product), a.sin(here));
  return a.ifLess(j, 0.5, iddpmTable[0] ?? 0, sigma);
}
