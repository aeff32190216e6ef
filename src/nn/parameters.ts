import { placeOp } from '../engine/ops/reshape';
import { State } from '../engine/state';
import { sizeOf, type Shape, type Tensor } from '../engine/tensor';
import type { Initialiser } from './initialisers';

export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  /** First element in the flat buffer; a multiple of 64. */
  readonly offset: number;
  readonly size: number;
  readonly tensor: Tensor;
  readonly init: Initialiser;
  /** Weight decay applies; off for biases, norms, tokens and whatever else is one-dimensional. */
  readonly decay: boolean;
  /** Factor of the learning rate (layer-wise decay; 0 freezes). */
  readonly lrScale: number;
}

const BLOCK = 64;

interface ParameterOptions {
  readonly decay?: boolean;
  readonly lrScale?: number;
}

/** Where layers get their parameters from: a set that is being built, or one that exists. */
export interface ParameterSource {
  create(name: string, shape: Shape, init: Initialiser, options?: ParameterOptions): Tensor;
}

/**
 * All parameters of a model in one flat buffer, their gradients in another of the same layout, so that clipping, AdamW and EMA are
 * one dispatch each. Parameters start at multiples of 64 elements (WebGPU binds at 256 bytes); the gaps stay zero.
 */
export class ParameterSet implements ParameterSource {
  private readonly list = new Map<string, Parameter>();
  private elements = 0;
  private sealed = false;

  /** One flat buffer of values; its size is final once the model is built. */
  readonly values: State;

  constructor(private readonly seed: number) {
    this.values = new State(
      'parameters',
      () => [this.elements],
      'f32',
      () => this.initialValues(),
    );
  }

  /** Adds a parameter. Throws on a repeated name. */
  create(name: string, shape: Shape, init: Initialiser, options: ParameterOptions = {}): Tensor {
    if (this.sealed)
      throw new Error(`parameter "${name}": the set is in use already; create all parameters before compiling`);
    if (this.list.has(name)) throw new Error(`parameter "${name}": the name is taken; parameter names are unique`);
    const offset = this.elements;
    const size = sizeOf(shape);
    const decay = options.decay ?? shape.filter((d) => d > 1).length > 1;
    const tensor = this.values.slice(offset, shape);
    this.list.set(name, { name, shape, offset, size, tensor, init, decay, lrScale: options.lrScale ?? 1 });
    this.elements += Math.ceil(size / BLOCK) * BLOCK;
    return tensor;
  }

  /**
   * The parameters that exist already, for a second graph over the same model: read from `flat` (the values, or their moving
   * average). Throws when a layer asks for one that is not there or has another shape.
   */
  existing(flat: State = this.values): ParameterSource {
    return {
      create: (name, shape) => {
        const found = this.find(name);
        if (found.shape.join() !== shape.join()) {
          throw new Error(
            `parameter "${name}": has shape [${found.shape.join()}], the second graph asks for [${shape.join()}]`,
          );
        }
        return flat === this.values ? found.tensor : flat.slice(found.offset, shape);
      },
    };
  }

  get all(): readonly Parameter[] {
    return [...this.list.values()];
  }

  /** Elements of the flat buffers, gaps included. */
  get flatSize(): number {
    return this.elements;
  }

  /** Numbers that are learned. */
  get count(): number {
    return this.all.reduce((n, p) => n + p.size, 0);
  }

  find(name: string): Parameter {
    const found = this.list.get(name);
    if (!found) throw new Error(`parameter "${name}": there is none of this name`);
    return found;
  }

  /** The starting values: a function of seed and names alone, so that the order of creation does not matter. */
  initialValues(): Float32Array {
    this.sealed = true;
    const flat = new Float32Array(this.elements);
    for (const p of this.all) flat.set(p.init(p.shape, this.seed, p.name), p.offset);
    return flat;
  }

  /** A state of the same layout (gradients, moments, EMA). */
  companion(name: string, initial?: () => Float32Array): State {
    return new State(name, () => [this.elements], 'f32', initial);
  }

  /** Per 64 elements the factors of learning rate and weight decay: [flatSize/64, 2]. */
  groups(): State {
    return new State(
      'parameter groups',
      () => [this.elements / BLOCK, 2],
      'f32',
      () => this.groupTable(),
    );
  }

  private groupTable(): Float32Array {
    const table = new Float32Array((this.elements / BLOCK) * 2);
    for (const p of this.all) {
      for (let b = p.offset / BLOCK; b < (p.offset + p.size) / BLOCK; b++)
        table.set([p.lrScale, p.decay ? 1 : 0], b * 2);
    }
    return table;
  }

  /** The gradients, written by their own kernels into the flat buffer. Missing ones (no path to the loss) stay zero. */
  place(flat: State, gradients: readonly (Tensor | undefined)[]): Tensor {
    const found = this.all.flatMap((p, i) => {
      const gradient = gradients[i];
      return gradient ? [{ offset: p.offset, gradient }] : [];
    });
    return placeOp.one([flat.tensor(), ...found.map((f) => f.gradient)], { offsets: found.map((f) => f.offset) });
  }

  /** Cuts a flat buffer into the parameters by name. */
  split(flat: Float32Array): Map<string, { shape: Shape; data: Float32Array }> {
    return new Map(this.all.map((p) => [p.name, { shape: p.shape, data: flat.slice(p.offset, p.offset + p.size) }]));
  }

  /** A flat buffer with every value known by name and shape, from `fallback` elsewhere. */
  join(named: ReadonlyMap<string, { shape: Shape; data: Float32Array }>, fallback: Float32Array): Float32Array {
    const flat = fallback.slice();
    for (const p of this.all) {
      const found = named.get(p.name);
      if (found && found.data.length === p.size && found.shape.join() === p.shape.join())
        flat.set(found.data, p.offset);
    }
    return flat;
  }
}
