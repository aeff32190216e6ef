/**
 * Ops against float64 oracles on the device at hand: the golden files of tests/golden and the loops of reference/, run in Node, in
 * Firefox and by the page's self-test from the same code.
 */
import { vjp } from './autodiff';
import { OpDefinition } from './op';
import { compile } from './plan';
import type { Runtime } from './runtime';
import { State, type StateData } from './state';
import { type DType, type Node, type Tensor } from './tensor';

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly dtype?: DType;
  /** Numbers; "nan" and "inf" as strings where JSON has none. */
  readonly data: readonly number[];
}

export interface GoldenCase {
  readonly name: string;
  readonly attrs: unknown;
  readonly tolerance?: number;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly (GoldenTensor | null)[];
  readonly cotangents?: readonly (GoldenTensor | null)[];
  readonly grads?: readonly (GoldenTensor | null)[];
}

export interface GoldenFile {
  readonly op: string;
  readonly source: string;
  readonly cases: readonly GoldenCase[];
}

export interface GoldenResult {
  readonly op: string;
  readonly name: string;
  readonly passed: boolean;
  /** The largest error measure over all outputs and gradients. */
  readonly error: number;
  readonly tolerance: number;
  readonly message?: string;
}

const DEFAULT_TOLERANCE = 1e-4;

/**
 * How far numbers are apart, in parts of the tensor's own scale: max|got − want| / (max|want| + 1e-6). NaN or infinity where the
 * oracle has a number gives Infinity.
 */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Infinity;
  let scale = 1e-6;
  for (let i = 0; i < want.length; i++) if (Number.isFinite(want[i])) scale = Math.max(scale, Math.abs(want[i] ?? 0));
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i] ?? NaN, want[i] ?? NaN];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const error = Math.abs(a - b) / scale;
    worst = Math.max(worst, Number.isFinite(error) ? error : Infinity);
  }
  return worst;
}

function dataOf(t: GoldenTensor): StateData {
  const dtype = t.dtype ?? 'f32';
  if (dtype === 'f32') return Float32Array.from(t.data);
  return dtype === 'u32' ? Uint32Array.from(t.data) : Int32Array.from(t.data);
}

function leafFor(t: GoldenTensor, name: string): Tensor {
  return new State(name, t.shape, t.dtype ?? 'f32', dataOf(t), 'constant').tensor();
}

/** Runs one case: outputs, then gradients of Σ⟨outputs, cotangents⟩, with all temporaries poisoned by NaN beforehand. */
export async function checkCase(runtime: Runtime, op: OpDefinition<never>, golden: GoldenCase): Promise<GoldenResult> {
  const tolerance = golden.tolerance ?? DEFAULT_TOLERANCE;
  const base = { op: op.name, name: golden.name, tolerance };
  try {
    const { outputs, effects, wanted } = caseGraph(op, golden);
    const plan = await compile(runtime, { outputs, effects, poison: true });
    let error = 0;
    const faults: string[] = [];
    try {
      plan.run();
      for (const [name, want] of wanted) {
        const e = relativeError(await plan.read(name), want);
        if (!(e <= tolerance)) faults.push(`${name}: error ${e.toExponential(2)}`);
        error = Math.max(error, e);
      }
    } finally {
      plan.dispose();
    }
    return { ...base, passed: faults.length === 0, error, ...(faults.length > 0 && { message: faults.join('; ') }) };
  } catch (error) {
    return { ...base, passed: false, error: Infinity, message: error instanceof Error ? error.message : String(error) };
  }
}

type Wanted = Map<string, readonly number[]>;

interface CaseGraph {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly effects: readonly Node[];
  /** What each output must be. */
  readonly wanted: ReadonlyMap<string, readonly number[]>;
}

/** What a case runs on the device. Throws where the op refuses it. */
export function caseGraph(op: OpDefinition<never>, golden: GoldenCase): CaseGraph {
  const inputs = golden.inputs.map((t, i) => leafFor(t, `input ${i}`));
  const node = op.node(inputs, golden.attrs as never);
  const wanted: Wanted = new Map();
  const outputs: Record<string, Tensor> = {};
  if (!node.op.mutates) collectOutputs(golden, node, inputs, outputs, wanted);
  else collectMutated(golden, node, inputs, outputs, wanted);
  return { outputs, effects: node.op.mutates ? [node] : [], wanted };
}

function collectOutputs(
  golden: GoldenCase,
  node: Node,
  inputs: readonly Tensor[],
  outputs: Record<string, Tensor>,
  wanted: Wanted,
): void {
  const want = (name: string, tensor: Tensor | undefined, expected: GoldenTensor) => {
    if (!tensor) throw new Error(`${name} is missing`);
    if (tensor.shape.join() !== expected.shape.join()) {
      throw new Error(`${name} has shape [${tensor.shape.join()}], the oracle has [${expected.shape.join()}]`);
    }
    outputs[name] = tensor;
    wanted.set(name, expected.data);
  };
  golden.outputs.forEach((expected, i) => expected && want(`output ${i}`, node.outputs[i], expected));
  if (!golden.grads || !golden.cotangents) return;
  const pairs = golden.cotangents.flatMap((c, i) => {
    const output = node.outputs[i];
    return c && output ? [{ output, cotangent: leafFor(c, `cotangent ${i}`) }] : [];
  });
  const wrt = inputs.filter((_, i) => golden.grads?.[i]);
  const made = vjp(
    pairs.map((p) => p.output),
    pairs.map((p) => p.cotangent),
    wrt,
  );
  let next = 0;
  golden.grads.forEach((expected, i) => expected && want(`gradient ${i}`, made[next++], expected));
}

/** For ops that change states, the expected outputs are the inputs they mutate, in the order of `mutates`. */
function collectMutated(
  golden: GoldenCase,
  node: Node,
  inputs: readonly Tensor[],
  outputs: Record<string, Tensor>,
  wanted: Wanted,
): void {
  node.op.mutates?.forEach((input, i) => {
    const tensor = inputs[input];
    const expected = golden.outputs[i];
    if (!tensor || !expected) return;
    outputs[`state ${input}`] = tensor;
    wanted.set(`state ${input}`, expected.data);
  });
}

/** All op objects by name, found by the files' exports. */
export function collectOps(
  modules: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): Map<string, OpDefinition<never>> {
  const ops = new Map<string, OpDefinition<never>>();
  for (const module of Object.values(modules)) {
    for (const value of Object.values(module)) {
      if (value instanceof OpDefinition) ops.set(value.name, value as OpDefinition<never>);
    }
  }
  return ops;
}

/** Every op in src/engine/ops. */
export function allOps(): Map<string, OpDefinition<never>> {
  return collectOps(import.meta.glob(['./ops/*.ts', '!./ops/*.test.ts'], { eager: true }));
}
