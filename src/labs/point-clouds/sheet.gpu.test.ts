import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { gradients } from '../../engine/autodiff';
import { argmax, max, mean } from '../../engine/ops/reduce';
import { compile } from '../../engine/plan';
import { constant } from '../../engine/state';
import type { Shape, Tensor } from '../../engine/tensor';
import type { ParameterSource } from '../../nn/parameters';
import type { Layers } from './layers';
import { sharedMlp } from './layers';
import { edgeConv, graphOf } from './networks/edgeConv';
import { propagated, setAbstraction } from './networks/setAbstraction';
import { orthogonality } from './networks/tNet';

/** The eight points that all cases by hand use. */
const POINTS = [
  [0, 0, 0],
  [1, 0, 0],
  [0, 1, 0],
  [1, 1, 0],
  [0.5, 0.5, 1],
  [0.5, 0, 0],
  [0.2, 0.1, 0.9],
  [0.9, 0.8, 0.3],
];
const TIMEOUT = 300_000;

const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  constant(rows.flat(), [rows.length, rows[0]?.length ?? 1]);
const cloud = (rows: readonly (readonly number[])[]): Tensor => constant(rows.flat(), [1, rows.length, 3]);

/** Layers with the given weights; norms by running statistics of mean 0 and variance 1 − ε are the identity but for their shift. */
function layersOf(given: Readonly<Record<string, readonly number[]>>, tap?: Layers['tap']): Layers {
  const p: ParameterSource = {
    create: (name: string, shape: Shape, init) => {
      if (name.endsWith('.runningVariance')) return constant(init(shape, 1, name).fill(1 - 1e-5), shape);
      return constant(given[name] ?? init(shape, 1, name), shape);
    },
  };
  return { p, mode: { training: false }, ...(tap && { tap }) };
}

/** W [out, in] as rows to a weight [in, out]. */
function transposed(W: readonly (readonly number[])[], from = 0, to = W[0]?.length ?? 0): number[] {
  return Array.from({ length: to - from }, (_, i) => W.map((row) => row[from + i] ?? 0)).flat();
}

async function run(outputs: Readonly<Record<string, Tensor>>): Promise<Record<string, number[]>> {
  const plan = await compile(await testRuntime(), { outputs, poison: true });
  plan.run();
  const found: Record<string, number[]> = {};
  for (const name of Object.keys(outputs)) found[name] = Array.from(await plan.read(name));
  plan.dispose();
  return found;
}

function close(got: readonly number[] | undefined, want: readonly number[], tolerance = 2e-5): void {
  expect(got?.length).toBe(want.length);
  want.forEach((w, i) => expect(Math.abs((got?.[i] ?? NaN) - w), `element ${i}`).toBeLessThan(tolerance));
}

describe('cases by hand', () => {
  it(
    'the T-Net’s regulariser in its three forms, and the gradient of the paper’s',
    async () => {
      const A = constant([1, 0.2, 0, 0, 0.9, -0.1, 0.3, 0, 1.1, 0, 1, 0, -1, 0, 0, 0, 0, 1], [2, 3, 3]);
      const [byPaper] = gradients(orthogonality(A, 'paper'), [A]);
      if (!byPaper) throw new Error('no gradient');
      const [byNorm] = gradients(orthogonality(A, 'norm'), [A]);
      if (!byNorm) throw new Error('no gradient');
      const found = await run({
        paper: orthogonality(A, 'paper'),
        half: orthogonality(A, 'half'),
        norm: orthogonality(A, 'norm'),
        byPaper,
        byNorm,
      });
      close(found['paper'], [0.393]);
      close(found['half'], [0.1965]);
      close(found['norm'], [0.3134485603731496]);
      const slope = [0.52, 0.68, 1.248, 0.588, -0.504, -0.412, 1.56, -0.156, 1.364];
      close(found['byPaper'], [...slope, ...new Array<number>(9).fill(0)]);
      // d(½‖R‖) = d‖R‖² / (4‖R‖); an orthogonal matrix has no slope, and no NaN.
      const norm = 2 * 0.3134485603731496;
      close(found['byNorm'], [...slope.map((g) => g / (4 * norm)), ...new Array<number>(9).fill(0)], 1e-4);
    },
    TIMEOUT,
  );

  it(
    'EdgeConv on the three nearest, itself among them',
    async () => {
      const W = [
        [1, 0, 0, 0.5, 0, 0],
        [0, -1, 0, 0, 0, 1],
        [0.3, 0.3, 0.3, -0.2, -0.2, -0.2],
      ];
      const x = cloud(POINTS);
      const graph = graphOf(x, 3);
      const l = layersOf({
        'edge.difference.weight': transposed(W, 0, 3),
        'edge.centre.weight': transposed(W, 3, 6),
        'edge.norm.shift': [0, 0.1, -0.1],
      });
      const found = await run({ graph, y: edgeConv(l, 'edge', x, graph, 3) });
      expect(found['graph']).toEqual([0, 5, 6, 1, 5, 7, 2, 7, 0, 3, 7, 1, 4, 6, 7, 5, 0, 1, 6, 4, 0, 7, 3, 4]);
      const want = [
        ...[0.5, 0.1, 0.26, 0.5, 0.1, 0, 0.9, 1.1, 0, 0.5, 1.1, -0.1],
        ...[0.65, 1.5, -0.1, 0.75, 0.1, -0.01, 0.4, 1.1, -0.02, 0.55, 0.7, -0.1],
      ];
      close(found['y'], want);
    },
    TIMEOUT,
  );

  it(
    'one set abstraction: farthest points, open balls, relative coordinates',
    async () => {
      const W = [
        [1, -1, 0.5],
        [-0.5, 0.5, 1],
      ];
      const outputs: Record<string, Tensor> = {};
      const l = layersOf({ 'sa.0.0.weight': transposed(W), 'sa.0.0.norm.shift': [0.1, 0] }, (name, tensor) => {
        outputs[name] = tensor;
      });
      const level = setAbstraction(l, 'sa', { xyz: cloud(POINTS) }, 4, [{ radius: 0.5, members: 3, widths: [2] }]);
      const { features = level.xyz } = level;
      const found = await run({ ...outputs, features });
      expect(found['sa.centres']).toEqual([0, 3, 4, 1]);
      expect(found['sa.0.members']).toEqual([0, 0, 0, 3, 7, 3, 4, 4, 4, 1, 1, 1]);
      expect(found['sa.0.counts']).toEqual([1, 2, 1, 1]);
      close(found['features'], [0.1, 0, 0.35, 0.25, 0.1, 0, 0.1, 0]);
    },
    TIMEOUT,
  );

  it(
    'feature propagation by both rules for a distance of zero',
    async () => {
      const coarse = {
        xyz: cloud([0, 3, 4, 1].map((i) => POINTS[i] ?? [])),
        features: constant([1, 0, 0, 1, 2, -1, -1, 3], [1, 4, 2]),
      };
      const fine = { xyz: cloud(POINTS) };
      const found = await run({
        clamped: propagated(coarse, fine),
        shifted: propagated(coarse, fine, 'shifted'),
      });
      const want = [
        ...[1, 0, -1, 3, 0.875, 0.125, 0, 1, 2, -1, 0, 1.4545454545454544],
        ...[1.4349042392941684, -0.31461157736173884, 0.13725490196078427, 1],
      ];
      close(found['clamped'], want);
      close(found['shifted'], want);
    },
    TIMEOUT,
  );

  it(
    'PointNet’s shared layer, its maximum and the critical points; pooling of views',
    async () => {
      const W = [
        [1, -1, 0.5],
        [-0.5, 0.5, 1],
      ];
      const l = layersOf({ 'mlp.0.weight': transposed(W), 'mlp.0.norm.shift': [0.1, 0] });
      const h = sharedMlp(l, 'mlp', cloud(POINTS), [2]);
      const views = matrix([
        [0.1, 0.9, -0.2],
        [0.4, 0.3, -0.5],
        [0.4, -0.1, 0],
      ]);
      const found = await run({
        h,
        g: max(h, [1]),
        critical: argmax(h, [1]),
        strongest: max(views, [0]),
        winners: argmax(views, [0]),
        average: mean(views, [0]),
      });
      close(found['h'], [0.1, 0, 1.1, 0, 0, 0.5, 0.1, 0, 0.6, 1, 0.6, 0, 0.65, 0.85, 0.35, 0.25]);
      close(found['g'], [1.1, 1]);
      expect(found['critical']).toEqual([1, 4]);
      close(found['strongest'], [0.4, 0.9, 0]);
      expect(found['winners']).toEqual([1, 0, 2]);
      close(found['average'], [0.3, 0.36666666666666664, -0.2333333333333333]);
    },
    TIMEOUT,
  );
});
