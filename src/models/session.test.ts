import { expect, it } from 'vitest';
import { OnnxGraph } from './onnxGraph';
import { openModel } from './session';

/** y = x·2, x [B, 3]. */
function doubling(): Uint8Array {
  const g = new OnnxGraph('doubling', new Map());
  const x = g.input('x', 'f32', ['B', 3]);
  g.output('y', g.node('Mul', [x, g.float(2)]), 'f32', ['B', 3]);
  return g.finish(new Map());
}

const row = (values: number[]) => ({ shape: [values.length / 3, 3], data: Float32Array.from(values) });

it('runs in turn what is asked at once', async () => {
  const model = await openModel(doubling(), { provider: 'wasm' });
  expect(model.inputs).toEqual(['x']);
  const results = await Promise.all([1, 2, 3].map((n) => model.run({ x: row([n, 0, -n]) })));
  expect(results.map((r) => [...(r.y?.data ?? [])])).toEqual([
    [2, 0, -2],
    [4, 0, -4],
    [6, 0, -6],
  ]);
  await model.close();
});

it('goes on after an error, which names input and fix', async () => {
  const model = await openModel(doubling(), { provider: 'wasm' });
  await expect(model.run({})).rejects.toThrow('model input "x" is missing; the model takes x');
  await expect(model.run({ x: row([1, 2, 3]), z: row([1, 2, 3]) })).rejects.toThrow('"z" is unknown');
  await expect(model.run({ x: { shape: [2, 3], data: new Float32Array(3) } })).rejects.toThrow('give 6 numbers');
  await expect(model.run({ x: { shape: [3], data: new Float32Array(3) } })).rejects.toThrow(
    /check the shapes given: x \[3\]/,
  );
  expect([...((await model.run({ x: row([1, 2, 3]) })).y?.data ?? [])]).toEqual([2, 4, 6]);
  await model.close();
});

it('refuses files that are no models, and WebGPU without a browser', async () => {
  await expect(openModel(Uint8Array.of(1, 2, 3), { provider: 'wasm' })).rejects.toThrow(/does not open on wasm.*again/);
  await expect(openModel(doubling(), { provider: 'webgpu' })).rejects.toThrow(/needs a browser; use "wasm"/);
});
