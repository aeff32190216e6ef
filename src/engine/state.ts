import { defineOp } from './op';
import { sizeOf, type DType, type Shape, type Tensor } from './tensor';

export type StateData = Float32Array | Uint32Array | Int32Array;

/**
 * What lasts between steps: parameters, optimiser moments, data sets, counters, knobs, constants. A state is a description; its
 * buffer belongs to a Runtime, is made when a plan first needs it, and outlives that plan.
 */
export class State {
  private whole: Tensor | undefined;

  /** `initial` fills the buffer when it is made; zeros otherwise. A shape given as a function is asked for when it is needed. */
  constructor(
    readonly name: string,
    private readonly dimensions: Shape | (() => Shape),
    readonly dtype: DType = 'f32',
    readonly initial?: StateData | (() => StateData),
    /** Constants belong to the plans that use them and are freed with the last of these. */
    readonly kind: 'lasting' | 'constant' = 'lasting',
  ) {}

  get shape(): Shape {
    return typeof this.dimensions === 'function' ? this.dimensions() : this.dimensions;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** The state as a leaf of a graph. Reading it sees the value at that time of the step. */
  tensor(): Tensor {
    this.whole ??= leaf({ state: this, offset: 0, shape: this.shape });
    return this.whole;
  }

  /** A part of the state as a leaf. `offset` counts elements and is a multiple of 64 (256 bytes, WebGPU's alignment). */
  slice(offset: number, shape: Shape): Tensor {
    if (offset % 64 !== 0)
      throw new Error(`state "${this.name}": slice offset ${offset} is not a multiple of 64 elements`);
    return leaf({ state: this, offset, shape });
  }
}

export interface Leaf {
  readonly state: State;
  readonly offset: number;
  readonly shape: Shape;
}

export const leafOp = defineOp<Leaf>({
  name: 'leaf',
  infer: (_inputs, { state, shape }) => [{ shape, dtype: state.dtype }],
});

function leaf(attrs: Leaf): Tensor {
  return leafOp.one([], attrs);
}

/** Which state a leaf tensor reads; undefined for what is computed. */
export function leafOf(tensor: Tensor): Leaf | undefined {
  return tensor.node.op === leafOp.spec ? (tensor.node.attrs as unknown as Leaf) : undefined;
}

/** Numbers that never change, given from the host. Shape [] takes one number. */
export function constant(data: StateData | readonly number[] | number, shape: Shape, dtype: DType = 'f32'): Tensor {
  const list = typeof data === 'number' ? [data] : data;
  const made =
    dtype === 'f32' ? Float32Array.from(list) : dtype === 'u32' ? Uint32Array.from(list) : Int32Array.from(list);
  if (made.length !== sizeOf(shape))
    throw new Error(`constant: ${made.length} numbers for shape [${shape.join(', ')}]`);
  return new State('constant', shape, dtype, made, 'constant').tensor();
}
