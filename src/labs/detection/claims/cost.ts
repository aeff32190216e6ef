import type { Runtime } from '../../../engine/runtime';
import { ParameterSet } from '../../../nn/parameters';
import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, within, type Part } from '../../../train/claimParts';
import { figure } from '../../../train/claimProgress';
import type { Config, Text } from '../../../train/control';
import { labDefaults } from '../../../train/lab';
import type { ClaimResult, Verdict } from '../../../train/protocol';
import { runsToTime, stepTime } from '../../../train/stepTime';
import { ratioVerdict, spreadOf, type Spread } from '../../../train/verdict';
import type { Box } from '../../../train/evaluation/averagePrecision';
import type { Chart } from '../../../ui/chart';
import { cellsOf } from '../detector';
import { Forward } from '../forward';
import { meta } from '../meta';
import { settingsOf, type DetectorShape } from '../settings';

type Method = DetectorShape['method'];
const METHODS: readonly Method[] = ['rfcn', 'faster'];
const NAMES: Readonly<Record<Method, Text>> = {
  rfcn: { en: 'R-FCN', zh: 'R-FCN' },
  faster: { en: 'a network for each region', zh: '逐区域网络' },
};
const REGIONS = [50, 100, 200, 300] as const;
const [FEW, MANY] = [50, 300];
/** What all regions share is timed with one region: the network is the same but for their number. */
const ONE = 1;
const CLASSES = 6;

/** Votes must cost less than this more with six times the regions, in operations and in time. */
const OPERATIONS = 0.1;
const TIME = 0.25;
/** Six times the regions cost six times as much where all is by region; what is left for overhead. */
const PROPORTION = { operations: 5, time: 3 } as const;

const configOf = (method: Method): Config => ({
  ...labDefaults(meta),
  method,
  width: 16,
  k: 7,
  hidden: 128,
  blocks: 2,
});

/** Of one picture through backbone and head with so many regions. */
interface Cost {
  readonly method: Method;
  readonly regions: number;
  readonly operations: number;
  readonly milliseconds: number[];
}

export const cost: Claim = {
  id: 'cost',
  steps: { gpu: 15, software: 9 },
  configs: METHODS.map(configOf),
  async run({ runtime, steps: rounds }, onProgress, signal) {
    const forms = METHODS.flatMap((method) => [ONE, ...REGIONS].map((regions) => formOf(runtime, method, regions)));
    const found: Cost[] = [];
    const tell = (done: number, what: Text) =>
      onProgress({ done, total: forms.length + rounds, what, chart: chartOf(found) });
    try {
      const runs: number[] = [];
      for (const { form, method, regions, shape, boxes, empty } of forms) {
        signal.throwIfAborted();
        tell(found.length, { en: 'Compiling', zh: '编译' });
        await form.run([empty], 1, boxes);
        const plan = await form.compiled();
        runs.push(await runsToTime(runtime, plan));
        found.push({ method, regions, operations: plan.flops + poolingOf(shape, regions), milliseconds: [] });
      }
      for (let round = 0; round < rounds; round++) {
        signal.throwIfAborted();
        tell(forms.length + round, { en: 'Timing', zh: '计时' });
        for (const [i, { form }] of forms.entries())
          found[i]?.milliseconds.push(await stepTime(runtime, await form.compiled(), runs[i] ?? 1));
      }
      return resultOf(found, rounds);
    } finally {
      for (const { form } of forms) form.dispose();
    }
  },
};

/** An untrained detector on an empty picture, with regions spread over it. */
function formOf(runtime: Runtime, method: Method, regions: number) {
  const { shape } = settingsOf(configOf(method), CLASSES);
  const parameters = new ParameterSet(1);
  const options = { batch: 1, proposals: 0, given: regions };
  const form = new Forward(runtime, parameters, shape, options);
  return {
    form,
    method,
    regions,
    shape,
    boxes: spreadBoxes(shape.size, regions),
    empty: new Uint8Array(3 * shape.size ** 2),
  };
}

/** Boxes of half the picture's side, at places that fill it. */
function spreadBoxes(size: number, count: number): Box[] {
  const side = size / 2;
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = [((i * 0.618) % 1) * side, (i / count) * side];
    return [x, y, x + side, y + side];
  });
}

/**
 * Operations of pooling, which the plan does not count: R-FCN adds up every cell of a region in each map of one bin, RoIAlign takes four samples
 * of four corners for each bin.
 */
function poolingOf(shape: DetectorShape, regions: number): number {
  const cells = (cellsOf(shape) / 2) ** 2;
  const channels = shape.widths[3];
  return shape.method === 'rfcn'
    ? regions * (shape.classes + 1 + 4) * cells
    : regions * channels * shape.bins ** 2 * 4 * 8;
}

function chartOf(found: readonly Cost[]): Chart {
  return {
    kind: 'lines',
    x: { en: 'regions', zh: '区域数' },
    y: { en: 'ms for a picture', zh: '每幅图毫秒' },
    series: METHODS.map((method) => ({
      name: NAMES[method],
      points: found.flatMap((c) =>
        c.method === method && c.regions > ONE && c.milliseconds.length > 0
          ? [[c.regions, spreadOf(c.milliseconds).median] as const]
          : [],
      ),
    })),
  };
}

export interface CostNumbers {
  /** Operations with 300 regions over those with 50, less one. */
  readonly rfcnOperations: number;
  /** Time with 300 regions over that with 50. */
  readonly rfcnTime: Spread;
  /** What regions beyond the first add: with 300 over with 50. */
  readonly fasterOperations: number;
  readonly fasterTime: Spread;
}

/** Whether a ratio stays below: undecided where the limit lies between the quartiles. */
function atMostRatio({ low, high }: Spread, most: number): Verdict {
  if (high <= most) return 'holds';
  return low > most ? 'fails' : 'undecided';
}

export function costParts(of: CostNumbers): Part[] {
  return [
    {
      name: {
        en: `R-FCN's operations grow by less than ${100 * OPERATIONS}%`,
        zh: `R-FCN 的运算增长不到 ${100 * OPERATIONS}%`,
      },
      verdict: within(of.rfcnOperations, 0, OPERATIONS),
    },
    {
      name: { en: `R-FCN's time grows by less than ${100 * TIME}%`, zh: `R-FCN 的时间增长不到 ${100 * TIME}%` },
      verdict: atMostRatio(of.rfcnTime, 1 + TIME),
    },
    {
      name: { en: 'operations by region grow in proportion', zh: '逐区域运算按比例增长' },
      verdict: within(of.fasterOperations, PROPORTION.operations, Infinity),
    },
    {
      name: { en: 'time by region grows in proportion', zh: '逐区域时间按比例增长' },
      verdict: ratioVerdict(of.fasterTime, PROPORTION.time),
    },
  ];
}

function numbersOf(found: readonly Cost[]): CostNumbers {
  const at = (method: Method, regions: number) => found.find((c) => c.method === method && c.regions === regions);
  const operations = (method: Method, regions: number) => at(method, regions)?.operations ?? NaN;
  const times = (method: Method, regions: number) => at(method, regions)?.milliseconds ?? [];
  const ratios = (of: (round: number) => number) => spreadOf(times('rfcn', FEW).map((_, round) => of(round)));
  const time = (method: Method, regions: number, round: number) => times(method, regions)[round] ?? NaN;
  // Of a difference of times no less than a hundredth is believed: the ratio would be noise.
  const added = (regions: number, round: number) =>
    Math.max(0.01 * time('faster', ONE, round), time('faster', regions, round) - time('faster', ONE, round));
  const addedOperations = (regions: number) => operations('faster', regions) - operations('faster', ONE);
  return {
    rfcnOperations: operations('rfcn', MANY) / operations('rfcn', FEW) - 1,
    rfcnTime: ratios((round) => time('rfcn', MANY, round) / time('rfcn', FEW, round)),
    fasterOperations: addedOperations(MANY) / addedOperations(FEW),
    fasterTime: ratios((round) => added(MANY, round) / added(FEW, round)),
  };
}

function resultOf(found: readonly Cost[], rounds: number): ClaimResult {
  const numbers = numbersOf(found);
  const parts = costParts(numbers);
  const not = exceptions(parts);
  const median = (method: Method, regions: number) =>
    spreadOf(found.find((c) => c.method === method && c.regions === regions)?.milliseconds ?? []).median;
  const told = METHODS.map((m) => REGIONS.map((r) => figure(median(m, r))).join(' / '));
  const grown = figure(100 * numbers.rfcnOperations);
  return {
    id: 'cost',
    verdict: wholeVerdict(parts),
    summary: {
      en: `Milliseconds with ${REGIONS.join(' / ')} regions: R-FCN ${told[0]}, a network for each region ${told[1]}. Operations of R-FCN grow by ${grown}%, those by region ${figure(numbers.fasterOperations)} times.${not.en}`,
      zh: `区域数为 ${REGIONS.join(' / ')} 时的毫秒数：R-FCN ${told[0]}，逐区域网络 ${told[1]}。R-FCN 的运算增长 ${grown}%，逐区域部分增为 ${figure(numbers.fasterOperations)} 倍。${not.zh}`,
    },
    setup: {
      en: `One picture of 128 pixels, width 16, k = 7, ${CLASSES} classes; untrained weights; ${rounds} rounds in turns.`,
      zh: `一幅 128 像素图像，宽度 16，k = 7，${CLASSES} 类；未训练的权重；轮流 ${rounds} 轮。`,
    },
    chart: chartOf(found),
    figures: {
      ...Object.fromEntries(found.map((c) => [`${c.method}${c.regions}Ms`, spreadOf(c.milliseconds).median] as const)),
      rfcnOperations: numbers.rfcnOperations,
      fasterOperations: numbers.fasterOperations,
      rfcnTime: numbers.rfcnTime.median,
      fasterTime: numbers.fasterTime.median,
      rounds,
    },
  };
}
