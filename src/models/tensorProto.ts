/** TensorProto: a named array in an ONNX file. */
import {
  aligned,
  bytesOf,
  floatsOf,
  int64sOf,
  intOf,
  MessageWriter,
  ModelFileError,
  readFields,
  stringOf,
  type WireField,
} from './protobuf';

export type TensorData = Float32Array | BigInt64Array;

/** A named array, row-major. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** TensorProto.DataType. */
export const FLOAT = 1;
export const INT64 = 7;
/** TensorProto.DataLocation.EXTERNAL: the numbers lie in another file. */
const EXTERNAL = 1;

export function writeTensor(writer: MessageWriter, { name, shape, data }: OnnxTensor): void {
  for (const dimension of shape) writer.int(1, dimension);
  writer.int(2, data instanceof Float32Array ? FLOAT : INT64);
  writer.string(8, name);
  writer.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** Numbers stand in raw_data (as we write them), or in float_data and int64_data (as other writers may). Throws ModelFileError. */
export function readTensor(bytes: Uint8Array): OnnxTensor {
  let name = '';
  let dataType = 0;
  let location = 0;
  const shape: number[] = [];
  let raw: Uint8Array | undefined;
  const typed: WireField[] = [];
  for (const field of readFields(bytes, 'a tensor')) {
    if (field.number === 1) for (const d of int64sOf(field, 'a tensor')) shape.push(Number(d));
    else if (field.number === 2) dataType = intOf(field, 'a tensor');
    else if (field.number === 8) name = stringOf(field, 'a tensor');
    else if (field.number === 9) raw = bytesOf(field, 'a tensor');
    else if (field.number === 4 || field.number === 7) typed.push(field);
    else if (field.number === 14) location = intOf(field, 'a tensor');
  }
  if (location === EXTERNAL) {
    throw new ModelFileError(
      `model file: tensor "${name}" keeps its numbers in another file; save the model as a single .onnx file`,
    );
  }
  if (dataType !== FLOAT && dataType !== INT64) {
    throw new ModelFileError(
      `model file: tensor "${name}" has ONNX data type ${dataType}; only float32 (1) and int64 (7) are read: convert it first`,
    );
  }
  const data = dataType === FLOAT ? floatData(name, raw, typed) : int64Data(name, raw, typed);
  checkSize(name, shape, data.length);
  return { name, shape, data };
}

function floatData(name: string, raw: Uint8Array | undefined, typed: readonly WireField[]): Float32Array {
  if (raw) return new Float32Array(aligned(whole(name, raw, 4)));
  const parts = typed.filter((field) => field.number === 4).map((field) => floatsOf(field, `tensor "${name}"`));
  const data = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  return data;
}

function int64Data(name: string, raw: Uint8Array | undefined, typed: readonly WireField[]): BigInt64Array {
  if (raw) return new BigInt64Array(aligned(whole(name, raw, 8)));
  const fields = typed.filter((field) => field.number === 7);
  return BigInt64Array.from(fields.flatMap((field) => int64sOf(field, `tensor "${name}"`)));
}

function whole(name: string, raw: Uint8Array, size: number): Uint8Array {
  if (raw.length % size === 0) return raw;
  throw new ModelFileError(
    `model file: tensor "${name}" has ${raw.length} bytes, not a multiple of ${size}; the file is damaged: download or export it again`,
  );
}

function checkSize(name: string, shape: readonly number[], count: number): void {
  const valid = shape.every((d) => Number.isSafeInteger(d) && d >= 0);
  if (valid && shape.reduce((n, d) => n * d, 1) === count) return;
  throw new ModelFileError(
    `model file: tensor "${name}" has shape [${shape.slice(0, 8).join()}] and ${count} numbers; the file is damaged: download or export it again`,
  );
}
