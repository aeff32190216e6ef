// Our own forward pass against ONNX Runtime's on the same file, and the way out of a run and back into one.
import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { tinySprites } from '../../../tests/helpers/tinySprites';
import { philoxNormals } from '../../engine/philox';
import { decodeModel } from '../../models/onnxProto';
import { openModel } from '../../models/session';
import { ParameterSet } from '../../nn/parameters';
import type { Snapshot } from '../../train/experiment';
import { labDefaults } from '../../train/lab';
import { BACKBONE_PARAMETER } from './backbone';
import { composed } from './data/data';
import { SCENE_SEED } from './evaluation';
import { Forward } from './forward';
import { meta } from './meta';
import { exportDetector, importDetector } from './onnx';
import { sceneOptions, settingsOf, type DetectorShape } from './settings';

const TIMEOUT = 400_000;
const SIZE = 32;
const config = {
  ...labDefaults(meta),
  ...{ size: SIZE, width: 8, blocks: 1, k: 2, hidden: 16, scales: '40', ratios: '1' },
};
const data = composed(tinySprites(), SIZE);
const [R, OVERLAP] = [6, 0.6];
const run = { config, changes: [] };

/** Weights that are nowhere zero, and what the network makes of a picture with them. */
async function ours(shape: DetectorShape) {
  const runtime = await testRuntime();
  const set = new ParameterSet(1);
  const form = new Forward(runtime, set, shape, { batch: 1, proposals: R, inside: true });
  const { pixels } = data.scene('test', SCENE_SEED, 1, sceneOptions(config));
  await form.compiled();
  const weights = new Map(
    set.all.map((p, k) => {
      const wide = p.name.endsWith('.scale') ? 1 : 0;
      const values = philoxNormals(p.size, k, 'weights').map((z) => wide + 0.15 * z);
      return [p.name, { shape: p.shape, data: values }] as const;
    }),
  );
  runtime.write(set.values, set.join(weights, set.initialValues()));
  await form.run([pixels], OVERLAP);
  const snapshot: Snapshot = { step: 9, parameters: weights, firstMoment: new Map(), secondMoment: new Map() };
  return { form, snapshot, pixels };
}

async function theirs(bytes: Uint8Array, pixels: Uint8Array) {
  const model = await openModel(bytes, { provider: 'wasm' });
  const image = Float32Array.from(pixels, (v) => (v / 255 - 0.5) * 4);
  const found = await model.run({ image: { shape: [1, 3, SIZE, SIZE], data: image } });
  await model.close();
  return (name: string) => Array.from(found[name]?.data ?? [], Number);
}

function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  const largest = Math.max(1e-9, ...Array.from(a, Math.abs));
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - (b[i] ?? NaN)))) / largest;
}

const base = settingsOf(config, data.classes.length).shape;

describe.each([
  ['RoIAlign', { ...base, pooling: 'align' }],
  ['modulated deformable convolution', { ...base, pooling: 'align', deformation: 'v2', deformed: 1 }],
  ['R-FCN', { ...base, method: 'rfcn', pooling: 'plain', bins: 3 }],
  ['R-FCN and moved bins', { ...base, method: 'rfcn', pooling: 'deformable', bins: 3 }],
  ['moved bins', { ...base, pooling: 'deformable', deformation: 'v1', deformed: 1 }],
] as const)('a detector with %s as an ONNX file', (_name, shape: DetectorShape) => {
  it(
    'gives in ONNX Runtime what it gives on the GPU, comes back, and says what does not fit',
    async () => {
      const { form, snapshot, pixels } = await ours(shape);
      const { bytes } = exportDetector(snapshot, { shape, data: 'tiny', proposals: R, overlap: OVERLAP }, run);
      const found = await theirs(bytes, pixels);
      const read = async (name: string) => (await form.read(name)).data;
      expect(apart(await read('regions'), found('regions'))).toBeLessThan(1e-4);
      if (shape.method === 'rfcn') expect(apart(await read('maps'), found('scoreMaps'))).toBeLessThan(1e-4);
      expect(apart(await read('probabilities'), found('probabilities'))).toBeLessThan(1e-4);
      expect(apart(await read('boxes'), found('boxes'))).toBeLessThan(1e-4);
      form.dispose();
      const operators = decodeModel(bytes).nodes.map((node) => node.op);
      expect(operators.includes('DeformConv')).toBe(shape.deformation !== 'none');
      expect(operators).toContain('NonMaxSuppression');
      const back = importDetector(bytes, shape);
      expect(new Map([...back.parameters].sort())).toEqual(new Map([...snapshot.parameters].sort()));
      expect(() => importDetector(bytes, { ...shape, bins: 7 })).toThrow(/bins \d \(here 7\)/);
    },
    TIMEOUT,
  );
});

/** The features of a picture in a network that has some of its parameters given. */
async function featuresOf(shape: DetectorShape, parameters: Snapshot['parameters'], pixels: Uint8Array) {
  const runtime = await testRuntime();
  const set = new ParameterSet(1);
  const form = new Forward(runtime, set, shape, { batch: 1, proposals: 0 });
  await form.compiled();
  runtime.write(set.values, set.join(parameters, set.initialValues()));
  await form.run([pixels], OVERLAP);
  const { data: features } = await form.read('features');
  form.dispose();
  return features;
}

it('gives its backbone to a network with another head and deformable layers, which then sees the same', async () => {
  const plain: DetectorShape = { ...base, pooling: 'align' };
  const { form, snapshot, pixels } = await ours(plain);
  form.dispose();
  const { bytes } = exportDetector(snapshot, { shape: plain, data: 'tiny', proposals: R, overlap: OVERLAP }, run);
  const takes = (name: string) => BACKBONE_PARAMETER.test(name);
  const other: DetectorShape = { ...base, method: 'rfcn', pooling: 'plain', deformation: 'v2', deformed: 2 };
  const { parameters } = importDetector(bytes, other, takes);
  expect([...parameters.keys()].filter((name) => !takes(name))).toEqual([]);
  // Offsets begin at zero and factors at one: the same as the plain layers.
  const features = await featuresOf(other, parameters, pixels);
  expect(apart(features, await featuresOf(plain, snapshot.parameters, pixels))).toBeLessThan(1e-5);
  expect(apart(features, await featuresOf(other, new Map(), pixels))).toBeGreaterThan(0.01);
  expect(() => importDetector(bytes, { ...other, widths: [16, 32, 64, 64] }, takes)).toThrow(/stem.conv.weight/);
});
