import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeModel, encodeModel, type OnnxAttribute, type OnnxModel } from './onnxProto';
import { MessageWriter, ModelFileError } from './protobuf';
import type { OnnxTensor } from './tensorProto';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const float32 = fc.float({ noNaN: true });
const name = fc.string({ maxLength: 12, unit: 'binary' });

const tensor: fc.Arbitrary<OnnxTensor> = fc
  .tuple(name, fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }), fc.boolean())
  .chain(([label, shape, floats]) => {
    const size = { minLength: shape.reduce((n, d) => n * d, 1), maxLength: shape.reduce((n, d) => n * d, 1) };
    const data: fc.Arbitrary<Float32Array | BigInt64Array> = floats
      ? fc.float32Array(size)
      : fc.array(int64, size).map((values) => BigInt64Array.from(values));
    return data.map((numbers) => ({ name: label, shape, data: numbers }));
  });

const attribute: fc.Arbitrary<OnnxAttribute> = fc.oneof(
  float32.map((value) => ({ type: 'float' as const, value })),
  int64.map((value) => ({ type: 'int' as const, value })),
  name.map((value) => ({ type: 'string' as const, value })),
  tensor.map((value) => ({ type: 'tensor' as const, value })),
  fc.array(float32, { maxLength: 3 }).map((value) => ({ type: 'floats' as const, value })),
  fc.array(int64, { maxLength: 3 }).map((value) => ({ type: 'ints' as const, value })),
);

const node = fc.record({
  op: name,
  name,
  domain: name,
  inputs: fc.array(name, { maxLength: 3 }),
  outputs: fc.array(name, { maxLength: 3 }),
  attributes: fc.array(fc.tuple(name, attribute), { maxLength: 3 }).map((entries) => new Map(entries)),
});

const value = fc.record({
  name,
  type: fc.constantFrom('f32' as const, 'i64' as const),
  shape: fc.array(fc.oneof(fc.nat(), name), { maxLength: 3 }),
});

const model: fc.Arbitrary<OnnxModel> = fc.record({
  irVersion: fc.integer({ min: 1, max: 12 }),
  producer: name,
  opsets: fc.array(fc.tuple(name, fc.nat()), { maxLength: 2 }).map((entries) => new Map(entries)),
  graphName: name,
  inputs: fc.array(value, { maxLength: 2 }),
  outputs: fc.array(value, { maxLength: 2 }),
  initialisers: fc.array(tensor, { maxLength: 2 }),
  nodes: fc.array(node, { maxLength: 2 }),
  metadata: fc.array(fc.tuple(name, name), { maxLength: 2 }).map((entries) => new Map(entries)),
});

/** Reads what may be anything: either a model comes out, or our own error. */
function readsOrExplains(bytes: Uint8Array): void {
  try {
    decodeModel(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ModelFileError);
  }
}

const SAMPLE = encodeModel({
  irVersion: 8,
  producer: 'test',
  opsets: new Map([['', 17]]),
  graphName: 'sample',
  inputs: [{ name: 'x', type: 'f32', shape: ['B', 3] }],
  outputs: [{ name: 'y', type: 'f32', shape: ['B', 2] }],
  initialisers: [{ name: 'w', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  nodes: [{ op: 'MatMul', name: 'm', domain: '', inputs: ['x', 'w'], outputs: ['y'], attributes: new Map() }],
  metadata: new Map([['link', '#/masked-images']]),
});

describe('ONNX files', () => {
  it('survive the round trip', () => {
    fc.assert(
      fc.property(model, (wanted) => {
        expect(decodeModel(encodeModel(wanted))).toEqual(wanted);
      }),
    );
  });

  it('of random bytes give a model or ModelFileError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readsOrExplains(bytes)),
      { numRuns: 2000 },
    );
  });

  it('with bytes changed or cut off give a model or ModelFileError', () => {
    const change = fc.tuple(fc.nat(SAMPLE.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(SAMPLE.length), (changes, length) => {
        const damaged = SAMPLE.slice(0, length);
        for (const [at, byte] of changes) if (at < length) damaged[at] = byte;
        readsOrExplains(damaged);
      }),
      { numRuns: 2000 },
    );
  });

  it('are the bytes that the specification asks for', () => {
    const writer = new MessageWriter();
    writer.int(1, 150);
    writer.string(2, 'testing');
    expect([...writer.finish()]).toEqual([0x08, 0x96, 0x01, 0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  });
});

describe('files of other writers', () => {
  /** A model whose only initialiser is written by `write`. */
  function withTensor(write: (tensor: MessageWriter) => void): Uint8Array {
    const writer = new MessageWriter();
    writer.int(1, 8);
    writer.message(7, (graph) => graph.message(5, write));
    return writer.finish();
  }

  it('may hold float_data and int64_data, packed or one by one, and fields that we do not know', () => {
    const packed = withTensor((t) => {
      t.bytes(1, Uint8Array.of(3)); // packed dims
      t.int(2, 1);
      t.bytes(4, new Uint8Array(Float32Array.of(1, 2.5, -3).buffer));
      t.string(12, 'a doc string');
      t.int(99, 7);
    });
    expect(decodeModel(packed).initialisers[0]).toEqual({ name: '', shape: [3], data: Float32Array.of(1, 2.5, -3) });
    const single = withTensor((t) => {
      t.int(1, 2);
      t.int(2, 7);
      t.int(7, -1);
      t.int(7, 5);
    });
    expect(decodeModel(single).initialisers[0]?.data).toEqual(BigInt64Array.of(-1n, 5n));
  });

  it('are refused with reason and fix', () => {
    expect(() => decodeModel(new Uint8Array())).toThrow(/not an ONNX file: choose a \.onnx file/);
    expect(() => decodeModel(new TextEncoder().encode('<!doctype html><html lang="en">'))).toThrow(ModelFileError);
    expect(() => decodeModel(SAMPLE.subarray(0, 60))).toThrow(/truncated/);
    expect(() => decodeModel(withTensor((t) => t.int(2, 10)))).toThrow(/data type 10; only float32/);
    expect(() => decodeModel(withTensor((t) => t.int(14, 1)))).toThrow(/another file/);
    const short = withTensor((t) => {
      t.int(1, 4);
      t.int(1, 2 ** 40);
      t.int(2, 1);
      t.bytes(9, new Uint8Array(8));
    });
    expect(() => decodeModel(short)).toThrow(/shape \[4,1099511627776\] and 2 numbers/);
  });

  it('that claim more than they hold are refused before memory is taken', () => {
    // Field 7 (graph) with a length of 2^62.
    const huge = Uint8Array.of(0x08, 8, 0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40);
    expect(() => decodeModel(huge)).toThrow(/claims 4611686018427387904 bytes of 12/);
  });

  it('with long repeated fields are read in linear time and without deep stacks', () => {
    const writer = new MessageWriter();
    writer.int(1, 8);
    writer.message(7, (graph) =>
      graph.message(11, (input) =>
        input.message(2, (type) =>
          type.message(1, (t) =>
            t.message(2, (shape) => {
              for (let i = 0; i < 200_000; i++) shape.message(1, () => undefined);
            }),
          ),
        ),
      ),
    );
    expect(decodeModel(writer.finish()).inputs[0]?.shape.length).toBe(200_000);
  });
});
