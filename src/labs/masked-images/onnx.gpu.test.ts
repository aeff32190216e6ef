// Our own forward pass against ONNX Runtime's on the same file, and the way out of a run and back into one.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadImageSet } from '../../data/load';
import { reshape } from '../../engine/ops/reshape';
import { philoxNormals, philoxUniforms } from '../../engine/philox';
import { compile } from '../../engine/plan';
import { State } from '../../engine/state';
import { readParameters } from '../../models/maeOnnx';
import { maeInputs, maskIds } from '../../models/maeRun';
import { openModel } from '../../models/session';
import { ParameterSet } from '../../nn/parameters';
import type { Config } from '../../train/control';
import type { Experiment } from '../../train/experiment';
import { labDefaults } from '../../train/lab';
import { testRuntime } from '../../../tests/helpers/gpu';
import { experiment } from './experiment';
import { decode, decodeAll, encodeVisible, encodeWithMaskTokens, patchCount, patchLength, type MaeShape } from './mae';
import { meta } from './meta';
import { exportMae, importMae, readMaeFacts } from './onnx';
import { loadShipped } from './shipped';

const PUBLIC = join(import.meta.dirname, '../../../public');
const BATCH = 3;

async function read(path: string): Promise<ArrayBuffer> {
  return Uint8Array.from(await readFile(join(PUBLIC, path))).buffer;
}

/** Masks [B, L] that hide all but a third of the patches of each image, other ones each time. */
function someMasks(count: number): Float32Array {
  const keep = Math.ceil(count / 3);
  const mask = new Float32Array(BATCH * count).fill(1);
  for (let b = 0; b < BATCH; b++) {
    const keys = philoxUniforms(count, 3, `mask ${b}`);
    const order = Array.from(keys, (_, i) => i).sort((i, j) => (keys[i] ?? 0) - (keys[j] ?? 0));
    for (const i of order.slice(0, keep)) mask[b * count + i] = 0;
  }
  return mask;
}

/** ŷ and z on the GPU, by the graph that training uses, with the weights of a file. */
async function ours(bytes: Uint8Array, shape: MaeShape, patches: Float32Array, mask: Float32Array) {
  const runtime = await testRuntime();
  const parameters = new ParameterSet(1);
  const count = patchCount(shape);
  const pixels = new State('patches', [BATCH, count, patchLength(shape)], 'f32', patches);
  const { idsKeep, idsRestore, visible } = maskIds(mask, count);
  const keep = new State('keep', [BATCH, visible], 'u32', Uint32Array.from(idsKeep, Number));
  const restore = new State('restore', [BATCH, count], 'u32', Uint32Array.from(idsRestore, Number));
  const removed = new State('mask', [BATCH, count], 'f32', mask);
  const latent = shape.symmetric
    ? encodeWithMaskTokens(parameters, shape, pixels.tensor(), removed.tensor())
    : encodeVisible(parameters, shape, pixels.tensor(), keep.tensor());
  const pred = shape.symmetric
    ? decodeAll(parameters, shape, latent)
    : decode(parameters, shape, latent, restore.tensor());
  const plan = await compile(runtime, { outputs: { pred, latent: reshape(latent, [...latent.shape]) }, poison: true });
  const { parameters: weights } = importMae(bytes, shape);
  runtime.write(parameters.values, parameters.join(weights, parameters.initialValues()));
  plan.run();
  const made = {
    pred: Float32Array.from(await plan.read('pred')),
    latent: Float32Array.from(await plan.read('latent')),
  };
  plan.dispose();
  return made;
}

/** max|got − want| / max|want| */
function relativeError(got: Float32Array, want: ArrayLike<number | bigint> | undefined): number {
  if (want?.length !== got.length) return Infinity;
  const differences = got.map((value, i) => Math.abs(value - Number(want[i])));
  const largest = Array.from(want, (x) => Math.abs(Number(x)));
  return Math.max(...differences) / Math.max(...largest);
}

async function compare(bytes: Uint8Array, shape: MaeShape): Promise<void> {
  const count = patchCount(shape);
  const patches = Float32Array.from(philoxNormals(BATCH * count * patchLength(shape), 5, 'patches'));
  const mask = someMasks(count);
  const model = await openModel(bytes, { provider: 'wasm' });
  const want = await model.run(maeInputs(shape, patches, mask));
  const got = await ours(bytes, shape, patches, mask);
  await model.close();
  expect(relativeError(got.pred, want['pred']?.data)).toBeLessThan(1e-4);
  expect(relativeError(got.latent, want['latent']?.data)).toBeLessThan(1e-4);
}

const TINY: Config = {
  ...{ batch: 8, width: 32, depth: 2, heads: 2, dwidth: 16, ddepth: 1, dheads: 2 },
  ...{ lr: 0.01, warmup: 2, steps: 100, every: 0 },
};

async function create(config: Config = {}): Promise<Experiment> {
  const data = await loadImageSet(String(config['data'] ?? 'fashion'), read);
  return experiment.create({
    runtime: await testRuntime(),
    config: { ...labDefaults(meta), ...TINY, ...config },
    data,
  });
}

async function exported(made: Experiment, config: Config = {}) {
  const file = await made.exportModel?.({ config: { ...labDefaults(meta), ...TINY, ...config }, changes: [] });
  if (!file) throw new Error('the lab exports nothing');
  return file;
}

describe('an exported run', () => {
  it.each([
    ['as it is', {}],
    ['in colour, without a class token', { data: 'emoji', cls: false, patch: 8 }],
    ['with mask tokens in the encoder', { symmetric: true }],
  ] satisfies [string, Config][])('computes on ONNX Runtime what it computes here: %s', async (_, config) => {
    const made = await create(config);
    made.plan.runMany(5);
    const { bytes } = await exported(made, config);
    made.dispose();
    await compare(bytes, readMaeFacts(bytes).shape);
  });

  it.each(['mae-fashion', 'mae-emoji'])(
    'computes on ONNX Runtime what it computes here: the shipped %s',
    async (id) => {
      const { bytes, facts } = await loadShipped(id, read);
      await compare(bytes, facts.shape);
    },
  );

  it('says which link and data made it, and goes back into a run', async () => {
    const made = await create({ norm: false, seed: 7 });
    made.plan.runMany(5);
    const { name, bytes } = await exported(made, { norm: false, seed: 7 });
    expect(name).toBe('mae-fashion-5.onnx');
    const facts = readMaeFacts(bytes);
    expect(facts).toMatchObject({ data: 'fashion', steps: 5 });
    expect(facts.link).toContain('seed=7');
    expect(facts.pixels.targetEpsilon).toBeUndefined();
    expect(facts.pixels.mean[0]).toBeCloseTo(0.286, 2);

    const before = await made.snapshot();
    made.plan.runMany(3);
    const snapshot = made.importModel?.(bytes);
    if (!snapshot) throw new Error('the lab opens no files');
    expect(snapshot.step).toBe(0);
    expect(made.restore(snapshot)).toEqual([]);
    const after = await made.snapshot();
    expect(after.parameters).toEqual(before.parameters);
    expect(after.step).toBe(0);
    for (const { data } of after.firstMoment.values()) expect(data.every((x) => x === 0)).toBe(true);
    made.dispose();
  });

  it('holds the moving average where one is kept', async () => {
    const made = await create({ ema: 0.9 });
    made.plan.runMany(5);
    const { bytes } = await exported(made, { ema: 0.9 });
    const { average, parameters } = await made.snapshot();
    const written = readParameters(bytes).params.get('decoder.head.weight')?.data;
    expect(written).toEqual(average?.get('decoder.head.weight')?.data);
    expect(written).not.toEqual(parameters.get('decoder.head.weight')?.data);
    made.dispose();
  });

  it('refuses a file of another shape by name, and one that is not whole', async () => {
    const made = await create();
    const { bytes } = await exported(made);
    const { shape } = readMaeFacts(bytes);
    expect(() => importMae(bytes, { ...shape, width: 64, classToken: false })).toThrow(
      /encoder width 32 \(here 64\), class token true \(here false\)/,
    );
    expect(() => importMae(bytes.slice(0, 5000), shape)).toThrow(/model file/);
    expect(() => importMae(new TextEncoder().encode('no model'), shape)).toThrow(/model file/);
    const { parameters, ...rest } = await made.snapshot();
    const lacking = new Map(parameters);
    lacking.delete('patchEmbed.bias');
    const data = await loadImageSet('fashion', read);
    expect(() =>
      exportMae({ ...rest, parameters: lacking }, { shape, data, normalisedTarget: true }, { config: {}, changes: [] }),
    ).toThrow(/"patchEmbed.bias".*missing/);
    made.dispose();
  });
});
