import { feedFrom } from '../../../train/hostFeed';
import { runSteps } from '../../../train/runSteps';
import type { Claim } from '../../../train/claim';
import { atMostTimes, exceptions, wholeVerdict, type Part } from '../../../train/claimParts';
import { Found, Parts } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import type { ClaimResult } from '../../../train/protocol';
import { average } from '../../../train/verdict';
import type { Chart } from '../../../ui/chart';
import { precisionAt } from '../evaluation';
import { ends } from '../sides';
import { BASE, BASE_WORDS, loadBase, percent, percentPoints, SCENES, SEEDS, startDetector, trainingOf } from './shared';

const SIDES = ['uniform', 'mined'] as const;
type Side = (typeof SIDES)[number];
const NAMES: Readonly<Record<Side, Text>> = {
  uniform: { en: 'a uniform choice', zh: '均匀采样' },
  mined: { en: 'hard examples', zh: '难例' },
};
/** Measurements over a run. */
const CHECKS = 5;
/** Of what the weaker side reaches in the end, this share is what both are timed to. */
const LEVEL = 0.8;

const configOf = (side: Side, seed: number): Config => ({
  ...{ ...BASE, method: 'rfcn', proposals: 60, regionbatch: 8, positives: 0.25, ohem: side === 'mined', ema: 0, seed },
});

export const ohem: Claim = {
  id: 'ohem',
  steps: { gpu: 2000, software: 500 },
  configs: SIDES.map((side) => configOf(side, SEEDS[0])),
  async run({ runtime, source, steps }, onProgress, signal) {
    const data = await loadBase(source);
    const found = new Found<Side>();
    const at = ends(steps, CHECKS);
    const parts = new Parts(SIDES.length * SEEDS.length, () => chartOf(found, at), onProgress);
    for (const seed of SEEDS)
      for (const side of SIDES)
        await parts.run(trainingOf(NAMES[side], seed), async (tell) => {
          const detector = await startDetector({ runtime, source, data, steps }, configOf(side, seed));
          try {
            let done = 0;
            for (const stop of at) {
              const from = done;
              const feed = feedFrom(detector.feed, from);
              await runSteps(runtime, detector.plan, stop - from, signal, (n) => tell((from + n) / steps), feed);
              done = stop;
              found.add(side, stop, precisionAt(await detector.judged({}, SCENES), 0.5));
            }
          } finally {
            detector.dispose();
          }
        });
    return resultOf(found, at, steps);
  },
};

/** Steps after which a curve (from 0 at 0, straight between its points) first reaches a level; NaN where it never does. */
export function stepsTo(curve: readonly (readonly [number, number])[], level: number): number {
  let [before, value] = [0, 0];
  for (const [step, reached] of curve) {
    if (reached >= level)
      return reached > value ? before + ((step - before) * (level - value)) / (reached - value) : step;
    [before, value] = [step, reached];
  }
  return NaN;
}

interface Times {
  readonly uniform: readonly number[];
  readonly mined: readonly number[];
}

/** Steps of both sides to the same precision, seed by seed. */
function timesOf(found: Found<Side>, at: readonly number[]): Times {
  const curve = (side: Side, i: number) => at.map((step) => [step, found.of(side, step)[i] ?? 0] as const);
  const last = at.at(-1) ?? 0;
  const of = (side: Side) =>
    SEEDS.map((_, i) => {
      const level = LEVEL * Math.min(...SIDES.map((s) => found.of(s, last)[i] ?? 0));
      return level > 0 ? stepsTo(curve(side, i), level) : NaN;
    });
  return { uniform: of('uniform'), mined: of('mined') };
}

export function ohemParts({ uniform, mined }: Times): Part[] {
  return [
    {
      name: { en: 'hard examples take fewer steps', zh: '难例用更少的步数' },
      verdict: atMostTimes(mined, uniform),
    },
  ];
}

function chartOf(found: Found<Side>, at: readonly number[]): Chart {
  return {
    kind: 'lines',
    x: { en: 'steps', zh: '步数' },
    y: { en: 'AP at .5, %', zh: 'AP@.5 %' },
    series: SIDES.map((side) => ({ name: NAMES[side], points: percentPoints(found, side, at) })),
  };
}

function resultOf(found: Found<Side>, at: readonly number[], steps: number): ClaimResult {
  const times = timesOf(found, at);
  const parts = ohemParts(times);
  const not = exceptions(parts);
  const last = at.at(-1) ?? 0;
  const told = (of: readonly number[]) => (of.every(Number.isFinite) ? Math.round(average(of)).toString() : '–');
  const end = (side: Side) => percent(found.of(side, last));
  return {
    id: 'ohem',
    verdict: wholeVerdict(parts),
    summary: {
      en: `Steps to the same AP at .5: ${told(times.uniform)} by a uniform choice, ${told(times.mined)} by hard examples; in the end ${end('uniform')} and ${end('mined')}.${not.en}`,
      zh: `达到同一 AP@.5 的步数：均匀采样 ${told(times.uniform)}，难例 ${told(times.mined)}；最终 ${end('uniform')} 与 ${end('mined')}。${not.zh}`,
    },
    setup: {
      en: `${BASE_WORDS.en}; R-FCN, 60 proposals of a picture, 8 learned from; ${steps} steps, ${SEEDS.length} seeds; both are timed to ${100 * LEVEL}% of what the weaker reaches; ${SCENES} held-out scenes.`,
      zh: `${BASE_WORDS.zh}；R-FCN，每图 60 个候选框，取 8 个学习；${steps} 步，${SEEDS.length} 个种子；比较达到较弱一方最终精度 ${100 * LEVEL}% 的步数；${SCENES} 个留出场景。`,
    },
    chart: chartOf(found, at),
    figures: {
      ...{ uniformSteps: average(times.uniform), minedSteps: average(times.mined) },
      ...Object.fromEntries(SIDES.map((side) => [`${side}Ap50`, average(found.of(side, last))] as const)),
      ...{ steps, seeds: SEEDS.length },
    },
  };
}
