import { conv } from '../../../engine/ops/conv';
import { deformConv } from '../../../engine/ops/deformConv';
import { compile } from '../../../engine/plan';
import { philoxNormals } from '../../../engine/philox';
import type { Runtime } from '../../../engine/runtime';
import { constant } from '../../../engine/state';
import type { Claim } from '../../../train/claim';
import { exceptions, wholeVerdict, within, type Part } from '../../../train/claimParts';
import { figure } from '../../../train/claimProgress';
import type { ClaimResult } from '../../../train/protocol';
import type { Chart } from '../../../ui/chart';
import { BASE } from './shared';

/** Largest error over the largest value that summing in another order may leave. */
const TOLERANCE = 1e-5;
const FIRST = 7;

interface Errors {
  readonly size: number;
  readonly zero: number;
  readonly shifted: number;
}

/** Sizes of the maps: odd, even, and none a multiple of a tile. */
const SIZES = [5, 8, 13, 17, 24] as const;
const CHANNELS = 6;
const OUT = 7;

/** Largest |a − b| over the largest |b|, where the place counts. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>, counts: (i: number) => boolean): number {
  let [most, scale] = [0, 1e-12];
  for (let i = 0; i < b.length; i++) {
    if (!counts(i)) continue;
    most = Math.max(most, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
    scale = Math.max(scale, Math.abs(b[i] ?? NaN));
  }
  return most / scale;
}

async function errorsAt(runtime: Runtime, size: number, seed: number): Promise<Errors> {
  const plane = size * size;
  const pixels = philoxNormals(CHANNELS * plane, seed, `exact ${size}`);
  // The map whose column c is the next one of the first: what an offset of (0, 1) should see.
  const next = pixels.map((_, i) => (i % size < size - 1 ? (pixels[i + 1] ?? 0) : 0));
  const kernel = philoxNormals(9 * CHANNELS * OUT, seed, 'exact weight');
  const shape = [1, CHANNELS, size, size];
  const [x, moved] = [constant(pixels, shape), constant(next, shape)];
  const weight = constant(kernel, [3, 3, CHANNELS, OUT]);
  const field = (value: (channel: number) => number) =>
    constant(
      Float32Array.from({ length: 18 * plane }, (_, i) => value(Math.floor(i / plane))),
      [1, 18, size, size],
    );
  const window = { padding: 1 };
  const plan = await compile(runtime, {
    outputs: {
      plain: conv(x, weight, window),
      zero: deformConv(
        x,
        field(() => 0),
        weight,
        window,
      ),
      movedPlain: conv(moved, weight, window),
      // Channels come as dy, dx of each tap.
      shifted: deformConv(
        x,
        field((channel) => channel % 2),
        weight,
        window,
      ),
    },
  });
  try {
    plan.run();
    const [plain, zero] = [await plan.read('plain'), await plan.read('zero')];
    const [movedPlain, shifted] = [await plan.read('movedPlain'), await plan.read('shifted')];
    return {
      size,
      zero: apart(zero, plain, () => true),
      // In the first column the moved map has zeros outside, where the offset still finds the map.
      shifted: apart(shifted, movedPlain, (i) => i % size > 0),
    };
  } finally {
    plan.dispose();
  }
}

export const exact: Claim = {
  id: 'exact',
  steps: { gpu: 4, software: 2 },
  configs: [{ ...BASE, deform: 'v1' }],
  async run({ runtime, steps }, onProgress, signal) {
    const found: Errors[] = [];
    for (let round = 0; round < steps; round++)
      for (const size of SIZES) {
        signal.throwIfAborted();
        const what = { en: `Maps of ${size} × ${size}`, zh: `${size} × ${size} 的图` };
        onProgress({ done: found.length, total: steps * SIZES.length, what, chart: chartOf(found) });
        found.push(await errorsAt(runtime, size, FIRST + round));
      }
    return resultOf(found, steps);
  },
};

const largest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);

function chartOf(found: readonly Errors[]): Chart {
  const line = (of: (e: Errors) => number) =>
    SIZES.flatMap((size) => {
      const own = found.filter((e) => e.size === size);
      return own.length > 0 ? [[size, 1e6 * largest(own.map(of))] as const] : [];
    });
  return {
    kind: 'lines',
    x: { en: 'cells along an edge', zh: '每边格数' },
    y: { en: 'largest error, millionths', zh: '最大误差，百万分之一' },
    series: [
      { name: { en: 'offsets of zero', zh: '零偏移' }, points: line((e) => e.zero) },
      { name: { en: 'offsets of (0, 1)', zh: '偏移 (0, 1)' }, points: line((e) => e.shifted) },
    ],
  };
}

/** Of the largest relative errors. */
export function exactParts(zero: number, shifted: number): Part[] {
  return [
    {
      name: { en: 'zero offsets are the plain convolution', zh: '零偏移即普通卷积' },
      verdict: within(zero, 0, TOLERANCE),
    },
    {
      name: { en: 'offsets of (0, 1) are that of the shifted map', zh: '偏移 (0, 1) 即平移后图的卷积' },
      verdict: within(shifted, 0, TOLERANCE),
    },
  ];
}

function resultOf(found: readonly Errors[], rounds: number): ClaimResult {
  const [zero, shifted] = [largest(found.map((e) => e.zero)), largest(found.map((e) => e.shifted))];
  const parts = exactParts(zero, shifted);
  const not = exceptions(parts);
  return {
    id: 'exact',
    verdict: wholeVerdict(parts),
    summary: {
      en: `Largest error over the largest value: ${figure(zero)} with offsets of zero, ${figure(shifted)} with offsets of (0, 1).${not.en}`,
      zh: `最大误差与最大值之比：零偏移 ${figure(zero)}，偏移 (0, 1) ${figure(shifted)}。${not.zh}`,
    },
    setup: {
      en: `3 × 3 convolutions of ${CHANNELS} channels to ${OUT} on ${SIZES.join(', ')} cells along an edge, random numbers, ${rounds} rounds; errors up to ${TOLERANCE} are rounding.`,
      zh: `3 × 3 卷积，${CHANNELS} 到 ${OUT} 通道，每边 ${SIZES.join('、')} 格，随机数，${rounds} 轮；不超过 ${TOLERANCE} 的误差视为舍入。`,
    },
    chart: chartOf(found),
    figures: { zero, shifted, rounds },
  };
}
