/**
 * Golden cases of the ops that have no oracle file, against loops on the host: chance, masks, and what cuts batches out of data sets. In
 * the form of the golden files, so that tests and the page's self-test run them alike. Sizes are awkward on purpose: primes, no
 * multiples of four, more than one workgroup.
 */
import type { GoldenCase, GoldenFile, GoldenTensor } from '../goldenCheck';
import { distortionNumbers, UNDISTORTED, type PointDistortion } from '../ops/augmentPoints';
import { philoxNormals, philoxUniforms, streamOf } from '../philox';
import type { DType } from '../tensor';
import { hostImageBatch, hostShiftFlip, packedBytes } from './images';
import { hostMaskKeys } from './maskKeys';
import { LARGE_CASES } from './largeCases';
import { hostBatchIndices } from './permutation';
import { hostAugmentPoints, hostPointBatch } from './points';
import { ALONG_Z, hostSplats } from './splats';

const [SEED, STEP] = [12345, 9];
const CHANCE = { seed: SEED, step: STEP };
const SOURCE = 'a loop on the host';
/** Devices' logarithm, sine and cosine differ by this much in Box–Muller, in parts of the largest number. */
const BOX_MULLER = 2e-4;

function tensor(data: ArrayLike<number>, shape: readonly number[] = [data.length], dtype: DType = 'f32'): GoldenTensor {
  return { shape, dtype, data: Array.from(data) };
}

const words = (data: ArrayLike<number>, shape?: readonly number[]) => tensor(data, shape, 'u32');
const SEED_AND_STEP = [words([SEED], []), words([STEP], [])];

const randomUniform: GoldenFile = {
  op: 'randomUniform',
  source: SOURCE,
  cases: [1, 7, 1031].map((count) => ({
    name: `${count} numbers, bit for bit`,
    attrs: { shape: [count], stream: streamOf('test') },
    tolerance: 0,
    inputs: SEED_AND_STEP,
    outputs: [tensor(philoxUniforms(count, SEED, 'test', STEP))],
  })),
};

const randomNormal: GoldenFile = {
  op: 'randomNormal',
  source: SOURCE,
  cases: [1, 1030].map((count) => ({
    name: `${count} numbers`,
    attrs: { shape: [count], stream: streamOf('test') },
    tolerance: BOX_MULLER,
    inputs: SEED_AND_STEP,
    outputs: [tensor(philoxNormals(count, SEED, 'test', STEP))],
  })),
};

const batchIndices: GoldenFile = {
  op: 'batchIndices',
  source: SOURCE,
  cases: [
    { count: 67, batch: 10 },
    { count: 5, batch: 131 },
    { count: 1, batch: 3 },
  ].map(({ count, batch }) => ({
    name: `${batch} of ${count}`,
    attrs: { count, batch, stream: streamOf('batch') },
    tolerance: 0,
    inputs: SEED_AND_STEP,
    outputs: [words(hostBatchIndices({ count, batch, stream: 'batch' }, SEED, STEP))],
  })),
};

const maskKeys: GoldenFile = {
  op: 'maskKeys',
  source: SOURCE,
  cases: (['random', 'block', 'grid'] as const).map((shape) => {
    const [rows, grid] = [5, 7];
    return {
      name: shape,
      attrs: { rows, grid, shape, stream: streamOf('mask') },
      // Less than what breaks ties.
      tolerance: shape === 'random' ? 0 : 2e-6,
      inputs: SEED_AND_STEP,
      outputs: [tensor(hostMaskKeys({ rows, grid, shape, stream: 'mask' }, SEED, STEP), [rows, grid * grid])],
    };
  }),
};

const BYTES = philoxUniforms(11 * 75, 3, 'bytes').map((u) => Math.floor(u * 256));
const PICKED = [10, 0, 7, 7];

const imageBatch: GoldenFile = {
  op: 'imageBatch',
  source: SOURCE,
  cases: [
    { channels: 3, size: 5, mean: [0.5, 0.25, 0.1], std: [0.2, 1, 0.3] },
    { channels: 1, size: 7, mean: [0.3], std: [0.35] },
    { channels: 1, size: 1, mean: [0], std: [1] },
  ].map((attrs) => ({
    name: `${attrs.channels}×${attrs.size}×${attrs.size}`,
    attrs,
    tolerance: 1e-6,
    inputs: [words(packedBytes(BYTES)), words(PICKED)],
    outputs: [tensor(hostImageBatch(BYTES, PICKED, attrs), [4, attrs.channels, attrs.size, attrs.size])],
  })),
};

const labelBatch: GoldenFile = {
  op: 'labelBatch',
  source: SOURCE,
  cases: [
    {
      name: 'labels out of every byte of a word',
      attrs: {},
      tolerance: 0,
      inputs: [words(packedBytes(BYTES)), words([0, 1, 2, 3, 10, 823])],
      outputs: [words([0, 1, 2, 3, 10, 823].map((i) => BYTES[i] ?? NaN))],
    },
  ],
};

const shiftFlip: GoldenFile = {
  op: 'shiftFlip',
  source: SOURCE,
  cases: (
    [
      { shape: [1, 1, 1], shift: 1, flip: true },
      { shape: [7, 3, 5], shift: 2, flip: true },
      { shape: [5, 1, 7], shift: 3, flip: false },
    ] as const
  ).map(({ shape: [B, C, S], shift, flip }) => {
    const images = Float32Array.from({ length: B * C * S * S }, (_, i) => i + 1);
    return {
      name: `${B}×${C}×${S}×${S} by ${shift}${flip ? ', mirrored' : ''}`,
      attrs: { shift, flip, stream: streamOf('shift') },
      tolerance: 0,
      inputs: [tensor(images, [B, C, S, S]), ...SEED_AND_STEP],
      outputs: [tensor(hostShiftFlip(images, [B, C, S], { shift, flip, stream: 'shift' }, SEED, STEP), [B, C, S, S])],
    };
  }),
};

const splats: GoldenFile = {
  op: 'splats',
  source: SOURCE,
  cases: [
    { count: 1, side: 1, radius: 0 },
    { count: 131, side: 16, radius: 1.4 },
  ].map(({ count, side, radius }) => {
    // A lattice whose projections are exact, some of it outside; no distance from a pixel's middle is the radius.
    const points = philoxUniforms(3 * count, 3, 'splats').map((u) => Math.floor(u * 72) / 32 - 1.125);
    const { depth, owners } = hostSplats(points, { side, radius });
    return {
      name: `${count} points on ${side}×${side} pixels`,
      attrs: { side, radius },
      tolerance: 0,
      inputs: [tensor(points, [1, count, 3]), tensor(ALONG_Z, [1, 16])],
      outputs: [tensor(depth, [1, 1, 1, side, side]), words(owners, [1, 1, side, side])],
    };
  }),
};

const [SHAPES, STORED] = [3, 37];
const SHAPE_WORDS = philoxUniforms(2 * SHAPES * STORED, 3, 'words').map((u) => Math.floor(u * 2 ** 24) * 251);

const pointBatch: GoldenFile = {
  op: 'pointBatch',
  source: SOURCE,
  cases: [
    { points: 5, normals: true, resample: false },
    { points: 37, normals: false, resample: true },
    { points: 11, normals: true, resample: true },
  ].map((of) => {
    const options = { stored: STORED, stream: 'points', ...of };
    const made = hostPointBatch(SHAPE_WORDS, [2, 0, 2], options, CHANCE);
    return {
      name: `${of.points} of ${STORED} points${of.resample ? ' by chance' : ''}${of.normals ? ', normals' : ''}`,
      attrs: { ...options, stream: streamOf('points') },
      tolerance: 1e-6,
      inputs: [words(SHAPE_WORDS), words([2, 0, 2]), ...SEED_AND_STEP],
      outputs: [tensor(made.points, [3, of.points, of.normals ? 6 : 3]), words(made.parts, [3, of.points])],
    };
  }),
};

/** Clouds small enough that no point lies so near to a threshold that a device's cosine decides. */
function distortionCase(name: string, depth: 3 | 6, change: Partial<PointDistortion>): GoldenCase {
  const [B, N] = [3, 29];
  const cloud = philoxNormals(B * N * depth, 2, 'cloud').map((v) => v / 4);
  const distortion = { ...UNDISTORTED, ...change };
  const { points, source } = hostAugmentPoints(cloud, [B, N, depth], distortion, 'augment', CHANCE);
  return {
    name,
    attrs: { stream: streamOf('augment') },
    tolerance: BOX_MULLER,
    inputs: [tensor(cloud, [B, N, depth]), ...SEED_AND_STEP, tensor(distortionNumbers(distortion))],
    outputs: [tensor(points, [B, N, depth]), words(source, [B, N])],
  };
}

const augmentPoints: GoldenFile = {
  op: 'augmentPoints',
  source: SOURCE,
  cases: [
    distortionCase('nothing', 3, {}),
    distortionCase('turned, scaled and jittered, with normals', 6, {
      ...{ turn: 1, smallest: 0.5, largest: 2, jitter: 0.1, jitterLimit: 0.15 },
    }),
    distortionCase('dropped, with outliers', 3, { turn: 0.5, leastDrop: 0.1, mostDrop: 0.9, outliers: 0.2 }),
    distortionCase('thinned along a direction', 3, { densityGradient: 1 }),
  ],
};

/** All cases whose oracle is a loop on the host. */
export const HOST_CASES: readonly GoldenFile[] = [
  ...[randomUniform, randomNormal, batchIndices, maskKeys, imageBatch, labelBatch, shiftFlip],
  ...[splats, pointBatch, augmentPoints],
  ...LARGE_CASES,
];
