import type { Op } from './op';

export type DType = 'f32' | 'u32' | 'i32';
export type Shape = readonly number[];

export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A node of the static graph: an op applied to inputs. Building it runs nothing. */
export interface Node {
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attrs: unknown;
  readonly outputs: readonly Tensor[];
}

/** One output of a node. Row-major and contiguous; `shape` may be [] for a scalar. */
export interface Tensor extends TensorSpec {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly index: number;
}

let nextNode = 1;

/** Applies an op: checks shapes through its shape rule and gives the node. Throws ShapeError from the rule. */
export function makeNode<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Node {
  const specs = op.infer(inputs, attrs);
  const outputs: Tensor[] = [];
  const node: Node = { id: nextNode++, op: op as Op, inputs, attrs, outputs };
  specs.forEach((spec, index) => outputs.push({ shape: spec.shape, dtype: spec.dtype, node, index }));
  return node;
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((n, d) => n * d, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Shapes or dtypes that do not fit an op. The message names the op, the shapes and the fix. */
export class ShapeError extends Error {
  constructor(op: string, problem: string, inputs: readonly TensorSpec[] = []) {
    const shapes = inputs.map((t) => `${t.dtype}${showShape(t.shape)}`).join(', ');
    super(`${op}${shapes ? `(${shapes})` : ''}: ${problem}`);
    this.name = 'ShapeError';
  }
}
