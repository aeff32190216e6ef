import * as v from 'valibot';
import { hostArithmetic } from '../process/arithmetic';
import { frameworks, type FrameworkName, type Process } from '../process/framework';
import { preconditionings } from '../process/preconditioning';
import { levelAt } from '../process/schedule';
import { weights } from '../process/weight';
import { brightness } from '../samples';
import { levels } from './levels';
import type { Looker, MakeView, Views } from './looker';
import { estimateAt, shownEstimate, type Estimate } from './noised';
import { score } from './score';

const NAMES = Object.keys(frameworks) as FrameworkName[];
const count = (most: number, usual: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most)), usual);

const Level = v.object({
  sigma: v.pipe(v.number(), v.minValue(1e-4), v.maxValue(1000)),
  count: count(2048, 8),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  /** The framework beside the run's own. */
  second: v.optional(v.picklist(NAMES), 'flow'),
  /** For points: what view "score" takes. */
  field: v.optional(v.looseObject({})),
  /** What view "levels" takes, where the curve is asked for. */
  curve: v.optional(v.looseObject({})),
});

/**
 * All that one noise level shows, in one request. `clean`, `noised`, `denoised`, `error` as view "noised" gives them; for points also
 * `exact.denoised` and `exact.error`; `field.…` as view "score"; `curve.…` as view "levels" where asked for. And the level as two
 * frameworks have it, with the same noise ε: `own.…` of the run's process, `second.…` of another framework, to which the network is
 * converted by change of variables: `noised`, x = s(x₀ + σε) in its own scaling; `predicted`, what its network would give, and `target`,
 * what that should be, [n, …sample] (pictures as brightness, cut at black and white); `numbers` [4] = (t, s, loss at this level with its
 * own weight λ, root mean square error of the prediction).
 */
export const level: MakeView = async (looker, request) => {
  const { sigma, count, seed, second, field, curve } = v.parse(Level, request);
  const plane = looker.data.kind === 'plane';
  const { constants } = looker.process;
  const base = frameworks[second];
  const other: Process = { ...base, constants: { ...base.constants, sigmaData: constants.sigmaData } };
  const estimate = await estimateAt(looker, { sigma, count, seed, ideal: false });
  const exact = plane ? await estimateAt(looker, { sigma, count, seed, ideal: true }) : undefined;
  return {
    ...shownEstimate(looker, estimate),
    ...(exact && prefixed('exact', shownEstimate(looker, exact))),
    ...prefixed('own', asFrameworkHasIt(looker, looker.process, estimate)),
    ...prefixed('second', asFrameworkHasIt(looker, other, estimate)),
    ...(plane && field ? prefixed('field', await score(looker, { ...field, sigma })) : {}),
    ...(curve ? prefixed('curve', await levels(looker, curve)) : {}),
  };
};

function prefixed(name: string, views: Views): Views {
  return Object.fromEntries(Object.entries(views).map(([key, view]) => [`${name}.${key}`, view]));
}

/** One estimate D of x̄ as a process would have made it: x = s x̄, F = (D − c_skip x)/c_out, and its loss λ(σ) ‖D − x₀‖². */
function asFrameworkHasIt(looker: Looker, process: Process, { sigma, clean, noised, denoised }: Estimate): Views {
  const { schedule, preconditioning, weight, constants } = process;
  const { time, signal, noise } = levelAt(schedule, sigma, constants);
  const of = preconditionings[preconditioning].coefficients(hostArithmetic, { signal, noise }, constants);
  const x = noised.map((y) => signal * y);
  const predicted = x.map((y, i) => ((denoised[i] ?? 0) - of.skip * y) / of.out);
  const target = x.map((_, i) => {
    const x0 = clean.values[i] ?? 0;
    return of.targetData * x0 + (of.targetNoise * ((noised[i] ?? 0) - x0)) / sigma;
  });
  const meanSquare = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, y, i) => sum + (y - (b[i] ?? 0)) ** 2, 0) / a.length;
  const loss = weights[weight](hostArithmetic, sigma, constants) * meanSquare(denoised, clean.values);
  const shape = [clean.count, ...looker.model.sample];
  const shown = (values: Float32Array) => ({
    shape,
    data: looker.data.kind === 'pictures' ? brightness(values) : values,
  });
  return {
    noised: shown(x),
    predicted: shown(predicted),
    target: shown(target),
    numbers: { shape: [4], data: Float32Array.of(time, signal, loss, Math.sqrt(meanSquare(predicted, target))) },
  };
}
