import type { DeviceTraits } from '../gpu/device';
import { makeNode, type DType, type Node, type Shape, type Tensor, type TensorSpec } from './tensor';

/** A buffer range that a kernel binds: one of the node's inputs or outputs, or scratch that lives for this node only. */
export interface Operand extends TensorSpec {
  readonly size: number;
}

/** One dispatch of a WGSL entry point. */
export interface Kernel {
  /** File in `shaders/` without ending. */
  readonly shader: string;
  readonly entry: string;
  /** `override`s and `const`s by name. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Values of the uniform block's fields, by name; omit when the entry point reads none. */
  readonly uniform?: Readonly<Record<string, number>>;
  /** Exactly the storage variables that the entry point uses, by name. */
  readonly bindings: Readonly<Record<string, Operand>>;
  readonly workgroups: readonly [number, number?, number?];
  /** Floating-point operations and bytes moved, for the profile. */
  readonly flops?: number;
  readonly bytes?: number;
  /**
   * Set where output 0 is stored through the file's `// @epilogue` section, so that a following pointwise chain can be
   * fused into it: `store(index, value)` for 1 lane, `store4(index, value)` for 4 lanes (index counts elements).
   */
  readonly epilogue?: 1 | 4;
}

export interface KernelArgs<A> {
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  readonly attrs: A;
  readonly device: DeviceTraits;
  /** A temporary that lives through this node's kernels. */
  scratch(shape: Shape, dtype?: DType): Operand;
}

export interface VjpArgs<A> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attrs: A;
  /** dL/d(output), one per output; undefined where the loss does not depend on it. */
  readonly cotangents: readonly (Tensor | undefined)[];
  /** Whether the gradient by each input is wanted. */
  readonly needs: readonly boolean[];
}

/** A pointwise op's WGSL expression over its operands' names; must hold for `T` = f32 and vec4<f32> alike. */
export interface Pointwise<A> {
  expression(operands: readonly string[], attrs: A): string;
  /** Include files that the expression calls into. */
  readonly include?: string;
}

export interface Op<A = never> {
  readonly name: string;
  infer(inputs: readonly Tensor[], attrs: A): readonly TensorSpec[];
  /** Gradients by each input as graph nodes; absent where the op is not differentiable. */
  vjp?(args: VjpArgs<A>): readonly (Tensor | undefined)[];
  /** How the op runs; absent for leaves, views and pointwise ops. */
  kernels?(args: KernelArgs<A>): readonly Kernel[];
  readonly pointwise?: Pointwise<A>;
  /** The output is the input's buffer under another shape. */
  readonly view?: boolean;
  /** Inputs (by index) that the op changes in place: states. Such nodes run after all others, in the order given to compile. */
  readonly mutates?: readonly number[];
}

/** An op as an object that can be applied; ops are found by their exports, not by a registry. */
export class OpDefinition<A> {
  constructor(readonly spec: Op<A>) {}

  get name(): string {
    return this.spec.name;
  }

  /** The node itself; what `compile` takes as an effect for ops that change states. */
  node(inputs: readonly Tensor[], attrs: A): Node {
    return makeNode(this.spec, inputs, attrs);
  }

  apply(inputs: readonly Tensor[], attrs: A): readonly Tensor[] {
    return this.node(inputs, attrs).outputs;
  }

  /** For ops of one output. */
  one(inputs: readonly Tensor[], attrs: A): Tensor {
    const [first] = this.apply(inputs, attrs);
    if (!first) throw new Error(`${this.name}: the op gave no output`);
    return first;
  }
}

export function defineOp<A>(spec: Op<A>): OpDefinition<A> {
  return new OpDefinition(spec);
}
