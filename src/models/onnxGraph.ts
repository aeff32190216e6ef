import { encodeModel, type ElementType, type OnnxAttribute, type OnnxNode, type OnnxValue } from './onnxProto';
import type { OnnxTensor, TensorData } from './tensorProto';

/** A parameter by name: shape and numbers, row-major. */
export interface ParameterValue {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
export type ParameterValues = ReadonlyMap<string, ParameterValue>;

/** Operator sets and the IR versions that go with them: 17 is the first with LayerNormalization, 19 (2023) the first with DeformConv. */
const IR_VERSIONS = { 17: 8, 19: 9 } as const;
type OperatorSet = keyof typeof IR_VERSIONS;
/** Names of initialisers that belong to the graph and not to the model: shapes, indices, factors. */
const CONSTANT_PREFIX = 'constant.';

/** Whether an initialiser holds a parameter of the model. */
export function isParameter(tensor: OnnxTensor): boolean {
  return !tensor.name.startsWith(CONSTANT_PREFIX);
}

/** An attribute as a builder gives it: integers, lists of integers and text stand for themselves; floats say so. */
type AttributeValue = bigint | number | string | readonly number[] | { readonly float: number };

/**
 * Builds an ONNX graph node by node. Values are the names of tensors; the operators are those of ONNX itself, and no fused ones
 * of a runtime, so that every runtime computes the same.
 */
export class OnnxGraph {
  private readonly nodes: OnnxNode[] = [];
  private readonly inputs: OnnxValue[] = [];
  private readonly outputs: OnnxValue[] = [];
  private readonly initialisers = new Map<string, OnnxTensor>();
  private readonly taken = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly parameters: ParameterValues,
    private readonly operators: OperatorSet = 17,
  ) {}

  /** A graph input; a dimension that may vary has a name. */
  input(name: string, type: ElementType, shape: readonly (number | string)[]): string {
    this.inputs.push({ name, type, shape });
    return this.take(name);
  }

  /** Makes a value a graph output of this name. */
  output(name: string, value: string, type: ElementType, shape: readonly (number | string)[]): void {
    this.outputs.push({ name, type, shape });
    this.append('Identity', [value], [this.take(name)], {});
  }

  /**
   * A parameter as a named initialiser. Throws when the given parameters have none of this name, or one of another shape.
   */
  parameter(name: string, shape: readonly number[]): string {
    const found = this.parameters.get(name);
    if (!found) throw new Error(`ONNX export: parameter "${name}" [${shape.join()}] is missing; give the whole model`);
    const size = shape.reduce((n, d) => n * d, 1);
    if (found.shape.join() !== shape.join() || found.data.length !== size) {
      throw new Error(
        `ONNX export: parameter "${name}" has shape [${found.shape.join()}] and ${found.data.length} numbers, the settings ask for [${shape.join()}]; export with the settings that it was trained with`,
      );
    }
    if (!this.initialisers.has(name)) {
      this.initialisers.set(this.take(name), { name, shape: [...shape], data: found.data });
    }
    return name;
  }

  /** int64 numbers [n] that the graph needs: shapes, axes, indices. */
  integers(values: readonly number[]): string {
    return this.constant(`integers.${values.join('.')}`, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** An int64 scalar []. */
  integer(value: number): string {
    return this.constant(`integer.${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  /** A float32 scalar []. */
  float(value: number): string {
    return this.constant(`float.${value}`, [], Float32Array.of(value));
  }

  /** Float32 numbers that the graph needs and that are no parameter; the first of a label stands. */
  floats(label: string, shape: readonly number[], data: Float32Array): string {
    return this.constant(`floats.${label}`, shape, data);
  }

  private constant(label: string, shape: readonly number[], data: TensorData): string {
    const name = `${CONSTANT_PREFIX}${label}`;
    if (!this.initialisers.has(name)) this.initialisers.set(this.take(name), { name, shape, data });
    return name;
  }

  /** Adds a node of one output. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    const output = this.take(`${op}.${this.nodes.length}`);
    this.append(op, inputs, [output], attributes);
    return output;
  }

  /** Adds a mean, maximum or minimum over axes, which are an attribute before set 18 and an input from it on. */
  reduce(op: 'ReduceMean' | 'ReduceMax' | 'ReduceMin', x: string, axes: readonly number[], keepdims: boolean): string {
    const kept = { keepdims: keepdims ? 1 : 0 };
    return this.operators < 18 ? this.node(op, [x], { axes, ...kept }) : this.node(op, [x, this.integers(axes)], kept);
  }

  /** Adds a node of several outputs. */
  nodeOutputs(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string[] {
    const outputs = Array.from({ length: count }, (_, i) => this.take(`${op}.${this.nodes.length}.${i}`));
    this.append(op, inputs, outputs, attributes);
    return outputs;
  }

  /**
   * The .onnx file, with `metadata` as its properties. Throws when parameters were given that the graph does not use: they would be
   * lost without a word.
   */
  finish(metadata: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
    const unused = [...this.parameters.keys()].filter((name) => !this.initialisers.has(name));
    if (unused.length > 0) {
      throw new Error(
        `ONNX export: the settings have no place for parameter "${unused.join('", "')}"; export with the settings that the model was trained with`,
      );
    }
    return encodeModel({
      irVersion: IR_VERSIONS[this.operators],
      producer: 'glimpse',
      opsets: new Map([['', this.operators]]),
      graphName: this.name,
      inputs: this.inputs,
      outputs: this.outputs,
      initialisers: [...this.initialisers.values()],
      nodes: this.nodes,
      metadata,
    });
  }

  private append(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
  ): void {
    const named = Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)] as const);
    this.nodes.push({
      op,
      name: `${op}.${this.nodes.length}`,
      domain: '',
      inputs,
      outputs,
      attributes: new Map(named),
    });
  }

  private take(name: string): string {
    if (this.taken.has(name)) throw new Error(`ONNX graph: the name "${name}" is taken; give the value another one`);
    this.taken.add(name);
    return name;
  }
}

function attributeOf(value: AttributeValue): OnnxAttribute {
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'bigint' || typeof value === 'number') return { type: 'int', value: BigInt(value) };
  if ('float' in value) return { type: 'float', value: value.float };
  return { type: 'ints', value: value.map(BigInt) };
}
