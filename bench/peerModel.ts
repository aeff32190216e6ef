/** The models of the training contests, in the operations that peers have. Names of weights are ours (src/nn/layers.ts). */
import type { Named, Ops } from './stepTask';

export interface BlockSize {
  readonly B: number;
  readonly N: number;
  readonly D: number;
  readonly heads: number;
  readonly causal: boolean;
}

export function linear<T>(ops: Ops<T>, w: Named<T>, name: string, x: T): T {
  return ops.add(ops.matmul(x, w(`${name}.weight`)), w(`${name}.bias`));
}

export function norm<T>(ops: Ops<T>, w: Named<T>, name: string, x: T): T {
  return ops.add(ops.mul(ops.standardise(x), w(`${name}.scale`)), w(`${name}.shift`));
}

/** x + fc2(gelu(fc1(norm x))) */
export function mlpBlock<T>(ops: Ops<T>, w: Named<T>, name: string, x: T): T {
  const hidden = ops.gelu(linear(ops, w, `${name}.fc1`, norm(ops, w, `${name}.norm2`, x)));
  return ops.add(x, linear(ops, w, `${name}.fc2`, hidden));
}

export function block<T>(ops: Ops<T>, w: Named<T>, name: string, x: T, size: BlockSize): T {
  const qkv = linear(ops, w, `${name}.qkv`, norm(ops, w, `${name}.norm1`, x));
  return mlpBlock(ops, w, name, ops.add(x, linear(ops, w, `${name}.proj`, ops.attend(qkv, size))));
}
