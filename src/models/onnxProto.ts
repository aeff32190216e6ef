/**
 * The part of onnx.proto (onnx/onnx, IR version 8) that our models use, written and read by hand. Fields that are not listed here are
 * skipped on reading. Tensors are float32 or int64.
 */
import {
  bytesOf,
  floatsOf,
  int64Of,
  int64sOf,
  intOf,
  MessageWriter,
  ModelFileError,
  readFields,
  stringOf,
} from './protobuf';
import { FLOAT, INT64, readTensor, writeTensor, type OnnxTensor } from './tensorProto';

export type OnnxAttribute =
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'tensor'; readonly value: OnnxTensor }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'ints'; readonly value: readonly bigint[] };

export interface OnnxNode {
  readonly op: string;
  readonly name: string;
  /** Empty: the operators of ONNX itself. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export type ElementType = 'f32' | 'i64';

/** An input or output of the graph; a dimension is a number, or a name where it may vary. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  /** Version of the operator set by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graphName: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initialisers: readonly OnnxTensor[];
  readonly nodes: readonly OnnxNode[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

/** The bytes of a .onnx file. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const writer = new MessageWriter();
  writer.int(1, model.irVersion);
  writer.string(2, model.producer);
  writer.message(7, (graph) => writeGraph(graph, model));
  for (const [domain, version] of model.opsets) {
    writer.message(8, (opset) => {
      if (domain !== '') opset.string(1, domain);
      opset.int(2, version);
    });
  }
  for (const [key, value] of model.metadata) {
    writer.message(14, (entry) => {
      entry.string(1, key);
      entry.string(2, value);
    });
  }
  return writer.finish();
}

function writeGraph(writer: MessageWriter, model: OnnxModel): void {
  for (const node of model.nodes) writer.message(1, (child) => writeNode(child, node));
  writer.string(2, model.graphName);
  for (const tensor of model.initialisers) writer.message(5, (child) => writeTensor(child, tensor));
  for (const value of model.inputs) writer.message(11, (child) => writeValue(child, value));
  for (const value of model.outputs) writer.message(12, (child) => writeValue(child, value));
}

function writeNode(writer: MessageWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.name);
  writer.string(4, node.op);
  for (const [name, attribute] of node.attributes) {
    writer.message(5, (child) => writeAttribute(child, name, attribute));
  }
  if (node.domain !== '') writer.string(7, node.domain);
}

function writeAttribute(writer: MessageWriter, name: string, attribute: OnnxAttribute): void {
  writer.string(1, name);
  if (attribute.type === 'float') writer.float(2, attribute.value);
  else if (attribute.type === 'int') writer.int(3, attribute.value);
  else if (attribute.type === 'string') writer.string(4, attribute.value);
  else if (attribute.type === 'tensor') writer.message(5, (child) => writeTensor(child, attribute.value));
  else if (attribute.type === 'floats') for (const value of attribute.value) writer.float(7, value);
  else for (const value of attribute.value) writer.int(8, value);
  writer.int(20, ATTRIBUTE_TYPE[attribute.type]);
}

function writeValue(writer: MessageWriter, value: OnnxValue): void {
  writer.string(1, value.name);
  writer.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.int(1, value.type === 'f32' ? FLOAT : INT64);
      tensor.message(2, (shape) => {
        for (const dimension of value.shape) {
          shape.message(1, (child) => {
            if (typeof dimension === 'number') child.int(1, dimension);
            else child.string(2, dimension);
          });
        }
      });
    }),
  );
}

/**
 * Reads a .onnx file. Throws ModelFileError, with what was found and the fix, when it is truncated, is no ONNX file, keeps its
 * numbers in another file, or has tensors other than float32 and int64.
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  let irVersion = 0;
  let producer = '';
  let graph: Uint8Array | undefined;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  for (const field of readFields(bytes, 'the model')) {
    if (field.number === 1) irVersion = intOf(field, 'the model');
    else if (field.number === 2) producer = stringOf(field, 'the model');
    else if (field.number === 7) graph = bytesOf(field, 'the model');
    else if (field.number === 8) opsets.set(...readOpset(bytesOf(field, 'the model')));
    else if (field.number === 14) metadata.set(...readEntry(bytesOf(field, 'the model')));
  }
  if (!graph || irVersion < 1) {
    throw new ModelFileError(
      `model file: there is no ${graph ? 'IR version' : 'graph'} in its ${bytes.length} bytes; it is not an ONNX file: choose a .onnx file`,
    );
  }
  return { irVersion, producer, opsets, metadata, ...readGraph(graph) };
}

function readOpset(bytes: Uint8Array): [string, number] {
  let domain = '';
  let version = 0;
  for (const field of readFields(bytes, 'an operator set')) {
    if (field.number === 1) domain = stringOf(field, 'an operator set');
    else if (field.number === 2) version = intOf(field, 'an operator set');
  }
  return [domain, version];
}

function readEntry(bytes: Uint8Array): [string, string] {
  let key = '';
  let value = '';
  for (const field of readFields(bytes, 'the metadata')) {
    if (field.number === 1) key = stringOf(field, 'the metadata');
    else if (field.number === 2) value = stringOf(field, 'the metadata');
  }
  return [key, value];
}

function readGraph(bytes: Uint8Array): Pick<OnnxModel, 'graphName' | 'inputs' | 'outputs' | 'initialisers' | 'nodes'> {
  let graphName = '';
  const nodes: OnnxNode[] = [];
  const initialisers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for (const field of readFields(bytes, 'the graph')) {
    if (field.number === 1) nodes.push(readNode(bytesOf(field, 'the graph')));
    else if (field.number === 2) graphName = stringOf(field, 'the graph');
    else if (field.number === 5) initialisers.push(readTensor(bytesOf(field, 'the graph')));
    else if (field.number === 11) inputs.push(readValue(bytesOf(field, 'the graph')));
    else if (field.number === 12) outputs.push(readValue(bytesOf(field, 'the graph')));
  }
  return { graphName, nodes, initialisers, inputs, outputs };
}

function readNode(bytes: Uint8Array): OnnxNode {
  let op = '';
  let name = '';
  let domain = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  for (const field of readFields(bytes, 'a node')) {
    if (field.number === 1) inputs.push(stringOf(field, 'a node'));
    else if (field.number === 2) outputs.push(stringOf(field, 'a node'));
    else if (field.number === 3) name = stringOf(field, 'a node');
    else if (field.number === 4) op = stringOf(field, 'a node');
    else if (field.number === 7) domain = stringOf(field, 'a node');
    else if (field.number === 5) {
      const found = readAttribute(bytesOf(field, 'a node'));
      if (found) attributes.set(...found);
    }
  }
  return { op, name, domain, inputs, outputs, attributes };
}

/** Undefined for kinds of attribute that our models do not have (sub-graphs, sparse tensors …). */
function readAttribute(bytes: Uint8Array): [string, OnnxAttribute] | undefined {
  const what = 'an attribute';
  let name = '';
  let type = 0;
  let float = 0;
  let int = 0n;
  let string = '';
  let tensor: OnnxTensor | undefined;
  const floats: number[] = [];
  const ints: bigint[] = [];
  for (const field of readFields(bytes, what)) {
    if (field.number === 1) name = stringOf(field, what);
    else if (field.number === 2) float = floatsOf(field, what)[0] ?? 0;
    else if (field.number === 3) int = int64Of(field, what);
    else if (field.number === 4) string = stringOf(field, what);
    else if (field.number === 5) tensor = readTensor(bytesOf(field, what));
    else if (field.number === 7) for (const value of floatsOf(field, what)) floats.push(value);
    else if (field.number === 8) for (const value of int64sOf(field, what)) ints.push(value);
    else if (field.number === 20) type = intOf(field, what);
  }
  if (type === ATTRIBUTE_TYPE.float) return [name, { type: 'float', value: float }];
  if (type === ATTRIBUTE_TYPE.int) return [name, { type: 'int', value: int }];
  if (type === ATTRIBUTE_TYPE.string) return [name, { type: 'string', value: string }];
  if (type === ATTRIBUTE_TYPE.tensor && tensor) return [name, { type: 'tensor', value: tensor }];
  if (type === ATTRIBUTE_TYPE.floats) return [name, { type: 'floats', value: floats }];
  if (type === ATTRIBUTE_TYPE.ints) return [name, { type: 'ints', value: ints }];
  return undefined;
}

function readValue(bytes: Uint8Array): OnnxValue {
  const what = 'an input or output';
  let name = '';
  let elementType = FLOAT;
  const shape: (number | string)[] = [];
  for (const field of readFields(bytes, what)) {
    if (field.number === 1) name = stringOf(field, what);
    if (field.number !== 2) continue;
    for (const type of readFields(bytesOf(field, what), what)) {
      if (type.number !== 1) continue;
      for (const part of readFields(bytesOf(type, what), what)) {
        if (part.number === 1) elementType = intOf(part, what);
        else if (part.number === 2) for (const d of readDimensions(bytesOf(part, what))) shape.push(d);
      }
    }
  }
  if (elementType !== FLOAT && elementType !== INT64) {
    throw new ModelFileError(
      `model file: "${name}" has ONNX data type ${elementType}; only float32 (1) and int64 (7) are known: convert the model first`,
    );
  }
  return { name, type: elementType === FLOAT ? 'f32' : 'i64', shape };
}

function readDimensions(bytes: Uint8Array): (number | string)[] {
  const dimensions: (number | string)[] = [];
  for (const field of readFields(bytes, 'a shape')) {
    if (field.number !== 1) continue;
    let dimension: number | string = '';
    for (const part of readFields(bytesOf(field, 'a shape'), 'a shape')) {
      if (part.number === 1) dimension = intOf(part, 'a shape');
      else if (part.number === 2) dimension = stringOf(part, 'a shape');
    }
    dimensions.push(dimension);
  }
  return dimensions;
}
