/**
 * The protobuf wire format (protobuf.dev/programming-guides/encoding), as far as ONNX files need it: varints, 32-bit floats and
 * length-delimited fields. Numbers are little-endian on the wire, as on every machine with WebGPU or WebAssembly.
 */

/** What is wrong with a model file: what was found, where, and what to do. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** A varint has at most ten bytes of seven bits. */
const LONGEST_VARINT = 10;
/** Field numbers have 29 bits. */
const LAST_FIELD = 2 ** 29 - 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Writes one message. Bytes are collected and copied once, at the end. */
export class MessageWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  /** An int64 or enum field; negative numbers as two's complement of 64 bits. */
  int(field: number, value: number | bigint): void {
    this.key(field, VARINT);
    this.varint(BigInt.asUintN(64, BigInt(value)));
  }

  float(field: number, value: number): void {
    this.key(field, FIXED32);
    this.push(new Uint8Array(new Float32Array([value]).buffer));
  }

  string(field: number, value: string): void {
    this.bytes(field, encoder.encode(value));
  }

  bytes(field: number, value: Uint8Array): void {
    this.key(field, DELIMITED);
    this.varint(BigInt(value.length));
    this.push(value);
  }

  /** A nested message, filled by `write`. */
  message(field: number, write: (child: MessageWriter) => void): void {
    const child = new MessageWriter();
    write(child);
    this.key(field, DELIMITED);
    this.varint(BigInt(child.length));
    for (const chunk of child.chunks) this.push(chunk);
  }

  finish(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  }

  private key(field: number, wireType: number): void {
    this.varint(BigInt(field) * 8n + BigInt(wireType));
  }

  private varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.push(Uint8Array.from(bytes));
  }

  private push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
  }
}

/** One field as it stands on the wire. Nothing is copied: `bytes` is a view of the file. */
export interface WireField {
  readonly number: number;
  /** Of a varint, 64 bits unsigned; 0 for other fields. */
  readonly varint: bigint;
  /** Of a length-delimited or fixed-size field; empty for a varint. */
  readonly bytes: Uint8Array;
  readonly kind: 'varint' | 'fixed32' | 'fixed64' | 'delimited';
}

/**
 * The fields of one message in file order. `what` names the message in errors. Work and memory are bounded by the bytes given.
 * Throws ModelFileError where they are truncated or are no protobuf.
 */
export function* readFields(bytes: Uint8Array, what: string): Generator<WireField> {
  let offset = 0;

  const take = (length: number): Uint8Array => {
    const left = bytes.length - offset;
    if (length > left) throw broken(what, `a field at byte ${offset} claims ${length} bytes and ${left} are left`);
    offset += length;
    return bytes.subarray(offset - length, offset);
  };

  const varint = (): bigint => {
    const start = offset;
    let value = 0n;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      const byte = take(1)[0] ?? 0;
      value |= BigInt(byte & 127) << BigInt(7 * i);
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw broken(what, `the number at byte ${start} has more than ${LONGEST_VARINT} bytes`);
  };

  const size = (): number => {
    const value = varint();
    if (value > BigInt(bytes.length)) {
      throw broken(what, `a field at byte ${offset} claims ${value} bytes of ${bytes.length}`);
    }
    return Number(value);
  };

  const none = bytes.subarray(0, 0);
  while (offset < bytes.length) {
    const key = varint();
    const number = Number(key >> 3n);
    if (number < 1 || number > LAST_FIELD) throw broken(what, `field number ${number} is not a valid one`);
    const wireType = Number(key & 7n);
    if (wireType === VARINT) yield { number, kind: 'varint', varint: varint(), bytes: none };
    else if (wireType === DELIMITED) yield { number, kind: 'delimited', varint: 0n, bytes: take(size()) };
    else if (wireType === FIXED32) yield { number, kind: 'fixed32', varint: 0n, bytes: take(4) };
    else if (wireType === FIXED64) yield { number, kind: 'fixed64', varint: 0n, bytes: take(8) };
    else throw broken(what, `field ${number} has wire type ${wireType}, which ONNX files do not use`);
  }
}

function broken(what: string, problem: string): ModelFileError {
  return new ModelFileError(
    `model file: ${what} cannot be read (${problem}); the file is truncated or is not ONNX: download or export it again`,
  );
}

function expectKind(field: WireField, kind: WireField['kind'], what: string): void {
  if (field.kind !== kind) throw broken(what, `field ${field.number} is ${field.kind}, expected ${kind}`);
}

/** A nested message or bytes. */
export function bytesOf(field: WireField, what: string): Uint8Array {
  expectKind(field, 'delimited', what);
  return field.bytes;
}

export function stringOf(field: WireField, what: string): string {
  const bytes = bytesOf(field, what);
  try {
    return decoder.decode(bytes);
  } catch {
    throw broken(what, `field ${field.number} is not UTF-8 text`);
  }
}

/** A signed 64-bit integer. */
export function int64Of(field: WireField, what: string): bigint {
  expectKind(field, 'varint', what);
  return BigInt.asIntN(64, field.varint);
}

/** A signed integer that a double holds exactly. */
export function intOf(field: WireField, what: string): number {
  const value = int64Of(field, what);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw broken(what, `field ${field.number} is ${value}, too large`);
  return number;
}

/** Integers of a repeated field: one, or many packed into one field. */
export function int64sOf(field: WireField, what: string): bigint[] {
  if (field.kind === 'varint') return [int64Of(field, what)];
  return packedVarints(bytesOf(field, what), what);
}

function packedVarints(bytes: Uint8Array, what: string): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let length = 0;
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << BigInt(7 * length);
    length++;
    if (length > LONGEST_VARINT) throw broken(what, `a packed number has more than ${LONGEST_VARINT} bytes`);
    if (byte >= 128) continue;
    values.push(BigInt.asIntN(64, value));
    value = 0n;
    length = 0;
  }
  if (length > 0) throw broken(what, 'the last packed number is cut off');
  return values;
}

/** Floats of a repeated field: one, or many packed into one field. */
export function floatsOf(field: WireField, what: string): Float32Array {
  if (field.kind !== 'fixed32' && field.kind !== 'delimited') {
    throw broken(what, `field ${field.number} is ${field.kind}, expected floats`);
  }
  if (field.bytes.length % 4 !== 0) {
    throw broken(what, `field ${field.number} has ${field.bytes.length} bytes, not a multiple of 4`);
  }
  return new Float32Array(aligned(field.bytes));
}

/** The bytes in a buffer of their own, so that a typed array may view them whatever their place in the file. */
export function aligned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
