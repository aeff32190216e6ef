import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { vjp } from '../autodiff';
import { F16_TOLERANCE, f16Check } from '../f16Check';
import { relativeError } from '../goldenCheck';
import { lower } from '../lower';
import { philoxNormals } from '../philox';
import { compile } from '../plan';
import { PipelineCache } from '../../gpu/pipelineCache';
import { Runtime } from '../runtime';
import { constant } from '../state';
import type { Tensor } from '../tensor';
import { linear, linearOp } from './linear';

function layer(M: number, N: number, K: number) {
  const [x, w, b] = [philoxNormals(M * K, 7, 'x'), philoxNormals(K * N, 7, 'w'), philoxNormals(N, 7, 'b')];
  return [constant(x, [M, K]), constant(w, [K, N]), constant(b, [N])] as const;
}

/** [M, N, K] and whether f16 takes it: too narrow, no vec4 loads, odd rows, more than a tile, more than a step of K. */
const SIZES = [
  [1, 4, 4, false],
  [17, 13, 8, false],
  [17, 20, 7, false],
  [16, 16, 4, true],
  [61, 20, 4, true],
  [67, 132, 100, true],
  [129, 64, 196, true],
] as const;

describe('products with f16 operands', () => {
  it.each(SIZES)('%d×%d×%d: taken where the shape allows: %s', async (M, N, K, taken) => {
    const { traits } = (await testRuntime()).gpu;
    const features = new Set([...traits.features, 'shader-f16']);
    const y = linear(...layer(M, N, K));
    const shaders = (precision: 'f32' | 'f16') =>
      lower({ y }, [], { ...traits, features, precision }).dispatches.map((d) => d.shader);
    expect(shaders('f16').includes('matmulF16')).toBe(taken);
    expect(shaders('f32')).not.toContain('matmulF16');
  });

  it('leaves the products of gradients in f32', async () => {
    const { traits } = (await testRuntime()).gpu;
    const inputs = layer(67, 132, 100);
    const y = linear(...inputs);
    const [dx, dw] = vjp([y], [constant(philoxNormals(67 * 132, 7, 'g'), [67, 132])], inputs);
    const outputs = { dx: dx as Tensor, dw: dw as Tensor };
    const shaders = lower(outputs, [], { ...traits, precision: 'f16' }).dispatches.map((d) => d.shader);
    expect(shaders).toContain('matmul');
    expect(shaders).not.toContain('matmulF16');
  });

  it('agree with f32 where the device has f16, and are refused where it has not', async () => {
    const runtime = await testRuntime();
    const check = await f16Check(runtime);
    const sizes = SIZES.filter(([, , , taken]) => taken);
    if (!runtime.gpu.traits.features.has('shader-f16')) {
      expect(check).toMatchObject({ usable: false, problem: 'missing' });
      await expect(compile(runtime, { outputs: { y: linear(...layer(17, 20, 4)) }, precision: 'f16' })).rejects.toThrow(
        /precision f16.*"shader-f16".*use f32/,
      );
      return;
    }
    expect(check).toMatchObject({ usable: true });
    for (const [M, N, K] of sizes) {
      const y = linearOp.one(layer(M, N, K), {});
      const [half, plain] = await Promise.all(
        (['f16', 'f32'] as const).map(async (precision) => {
          const plan = await compile(runtime, { outputs: { y }, precision, poison: true });
          plan.run();
          const values = await plan.read('y');
          plan.dispose();
          return values;
        }),
      );
      const error = relativeError(half ?? [], plain ?? []);
      expect(error, `${M}×${N}×${K}`).toBeLessThan(F16_TOLERANCE);
      // Eleven bits were kept, not twenty-four: the variant ran.
      expect(error, `${M}×${N}×${K}`).toBeGreaterThan(1e-6);
    }
  });

  it('do not pass their check where the compiler or the results are wrong', async () => {
    const { gpu } = await testRuntime();
    const traits = { ...gpu.traits, features: new Set([...gpu.traits.features, 'shader-f16']) };
    const { shaderText } = await import('../../gpu/shader');
    const faulty = shaderText('matmulF16').replace('store4(at, rows[0]);', 'store4(at, rows[0] * 1.01f);');
    expect(faulty).not.toBe(shaderText('matmulF16'));
    const pipelines = new PipelineCache(gpu.device);
    const get = pipelines.get.bind(pipelines);
    pipelines.get = (spec) => get(spec.shader === 'matmulF16' ? { ...spec, code: faulty } : spec);
    const runtime = new Runtime({ ...gpu, traits }, pipelines);
    // A device without f16 does not get as far as wrong numbers: its compiler refuses the file.
    const detail = gpu.traits.features.has('shader-f16') ? /f16 differs from f32/ : /"matmulF16".*does not compile/;
    const check = await f16Check(runtime);
    expect(check).toMatchObject({ usable: false, problem: 'failed' });
    expect(check.detail).toMatch(detail);
    runtime.dispose();
  });
});
