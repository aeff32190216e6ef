/** Whether products with f16 operands can be trusted on a device: checked against the plain variant before a run uses them. */
import type { Precision } from '../gpu/device';
import { relativeError } from './goldenCheck';
import { linearOp } from './ops/linear';
import { philoxNormals } from './philox';
import { compile } from './plan';
import type { Runtime } from './runtime';
import { constant } from './state';
import type { Tensor } from './tensor';

/** Operands that f16 holds exactly leave the order of f32 sums as the only difference. */
export const EXACT_TOLERANCE = 1e-5;
/** Operands of any value are off by at most 2⁻¹¹ each, of which sums average the most part out. */
export const F16_TOLERANCE = 2e-3;

/** [M, N, K]: a little over one tile and one step of K; several of both. */
const SIZES = [
  [65, 68, 36],
  [131, 132, 100],
] as const;

export interface F16Check {
  readonly usable: boolean;
  /** Why not: the device lacks the feature, or its results (or its compiler) were wrong; `detail` says how. */
  readonly problem?: 'missing' | 'failed';
  readonly detail?: string;
  /** The largest errors, as parts of the results' scale. */
  readonly exactError?: number;
  readonly error?: number;
}

const known = new WeakMap<Runtime, Promise<F16Check>>();

/** Checks f16 products against f32 ones once for a runtime. Never throws for what the device does wrong: that is the result. */
export function f16Check(runtime: Runtime): Promise<F16Check> {
  const made = known.get(runtime) ?? check(runtime);
  known.set(runtime, made);
  return made;
}

async function check(runtime: Runtime): Promise<F16Check> {
  if (!runtime.gpu.traits.features.has('shader-f16')) {
    return { usable: false, problem: 'missing', detail: 'the device has no feature "shader-f16"' };
  }
  const { device } = runtime.gpu;
  // What the compiler says against the file is a result of the check, not an error of the page.
  device.pushErrorScope('validation');
  try {
    let [exactError, error] = [0, 0];
    for (const [M, N, K] of SIZES) {
      const wide = { x: philoxNormals(M * K, 1, 'f16 x'), w: philoxNormals(K * N, 1, 'f16 w') };
      exactError = Math.max(exactError, await difference(runtime, [M, N, K], elevenBits(M * K), elevenBits(K * N)));
      error = Math.max(error, await difference(runtime, [M, N, K], wide.x, wide.w));
    }
    const usable = exactError <= EXACT_TOLERANCE && error <= F16_TOLERANCE;
    const figures = `errors ${exactError.toExponential(1)} and ${error.toExponential(1)}`;
    return {
      usable,
      exactError,
      error,
      ...(!usable && { problem: 'failed', detail: `f16 differs from f32: ${figures}` }),
    };
  } catch (error) {
    return { usable: false, problem: 'failed', detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await device.popErrorScope();
  }
}

/** Numbers of eleven significant bits between −4 and 4. */
function elevenBits(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (((i * 7919) % 2049) - 1024) / 256);
}

/** How far x·W in f16 is from the same in f32, as a part of its scale. */
async function difference(
  runtime: Runtime,
  [M, N, K]: readonly [number, number, number],
  x: Float32Array,
  w: Float32Array,
): Promise<number> {
  // Without the bias added there is one kernel for all sizes: the check costs one compilation.
  const y = linearOp.one([constant(x, [M, K]), constant(w, [K, N]), constant(new Float32Array(N), [N])], {});
  const [half, plain] = [await computed(runtime, y, 'f16'), await computed(runtime, y, 'f32')];
  return relativeError(half, plain);
}

async function computed(runtime: Runtime, y: Tensor, precision: Precision): Promise<ArrayLike<number>> {
  const plan = await compile(runtime, { outputs: { y }, precision, poison: true });
  try {
    plan.run();
    return await plan.read('y');
  } finally {
    plan.dispose();
  }
}
