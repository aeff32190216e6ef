// Our own forward pass against ONNX Runtime's on the same file, and the way out of a run and back into one.
import { describe, expect, it } from 'vitest';
import { philoxNormals } from '../../engine/philox';
import { compile } from '../../engine/plan';
import { constant, State } from '../../engine/state';
import { openModel } from '../../models/session';
import { ParameterSet } from '../../nn/parameters';
import type { Snapshot } from '../../train/experiment';
import { labDefaults } from '../../train/lab';
import { testRuntime } from '../../../tests/helpers/gpu';
import { meta } from './meta';
import { classesOf, network, sampleShape, type NetworkShape } from './network';
import { exportDiffusion, importDiffusion, readDiffusionFacts } from './onnx';
import { frameworks } from './process/framework';
import { preconditionings } from './process/preconditioning';

const BATCH = 5;
const SHAPES: readonly NetworkShape[] = [
  { kind: 'mlp', inputs: 2, width: 20, depth: 2 },
  { kind: 'dit', channels: 3, size: 8, patch: 2, width: 12, depth: 2, heads: 3, classes: 4 },
  { kind: 'dit', channels: 1, size: 12, patch: 4, width: 16, depth: 1, heads: 2, classes: 0 },
  { kind: 'unet', channels: 3, size: 7, width: 6, levels: 3, blocks: 1, attention: true, classes: 4 },
  { kind: 'unet', channels: 1, size: 8, width: 5, levels: 2, blocks: 2, attention: false, classes: 0 },
];
const PROCESS = frameworks.vp;

/** F on the GPU with weights that are nowhere zero, and these weights. */
async function ours(shape: NetworkShape, labelOf: (i: number) => number = (i) => 7 + 190 * i) {
  const runtime = await testRuntime();
  const set = new ParameterSet(1);
  const sample = sampleShape(shape);
  const size = BATCH * sample.reduce((n, d) => n * d, 1);
  const x = philoxNormals(size, 2, 'x').slice();
  const label = Float32Array.from({ length: BATCH }, (_, i) => labelOf(i));
  const labels = Uint32Array.from({ length: BATCH }, (_, i) => i % 4);
  const dropped = Float32Array.from({ length: BATCH }, (_, i) => (i === 2 ? 1 : 0));
  const { labelSpan } = preconditionings[PROCESS.preconditioning];
  const f = network(
    set,
    shape,
    new State('x', [BATCH, ...sample], 'f32', x).tensor(),
    new State('label', [BATCH], 'f32', label).tensor(),
    labelSpan,
    { labels: constant(labels, [BATCH], 'u32'), dropped: constant(dropped, [BATCH]) },
  );
  const plan = await compile(runtime, { outputs: { f }, poison: true });
  const weights = new Map(
    set.all.map((p, k) => [p.name, { shape: p.shape, data: philoxNormals(p.size, k, 'weights').map((z) => 0.3 * z) }]),
  );
  runtime.write(set.values, set.join(weights, set.initialValues()));
  plan.run();
  const output = Array.from(await plan.read('f'));
  plan.dispose();
  const snapshot: Snapshot = { step: 9, parameters: weights, firstMoment: new Map(), secondMoment: new Map() };
  const classes = BigInt64Array.from(labels, (l, i) => BigInt(dropped[i] === 1 ? 4 : l));
  return { output, snapshot, inputs: { x, label, classes, sample } };
}

/** max|ours − ONNX Runtime's| over max|ours|. */
async function errorOf(shape: NetworkShape, bytes: Uint8Array, { output, inputs }: Awaited<ReturnType<typeof ours>>) {
  const model = await openModel(bytes, { provider: 'wasm' });
  const { output: theirs } = await model.run({
    input: { shape: [BATCH, ...inputs.sample], data: inputs.x },
    label: { shape: [BATCH], data: inputs.label },
    ...(classesOf(shape) > 0 && { class: { shape: [BATCH], data: inputs.classes } }),
  });
  await model.close();
  const largest = Math.max(...output.map(Math.abs));
  return Math.max(...output.map((y, i) => Math.abs(y - Number(theirs?.data[i])))) / largest;
}

describe.each(SHAPES)('$kind with $width numbers as an ONNX file', (shape) => {
  const run = { config: labDefaults(meta), changes: [] };

  it('gives in ONNX Runtime what it gives on the GPU, and comes back', async () => {
    const made = await ours(shape);
    const { snapshot } = made;
    const { bytes } = exportDiffusion(snapshot, { network: shape, process: PROCESS, data: 'gaussians' }, run);
    // Sines are the least exact: WGSL promises 2⁻¹¹.
    expect(await errorOf(shape, bytes, made)).toBeLessThan(1e-3);
    const back = importDiffusion(bytes, { network: shape, process: PROCESS });
    expect(back.parameters).toEqual(snapshot.parameters);
    expect(readDiffusionFacts(bytes)).toMatchObject({
      network: shape,
      preconditioning: 'vp',
      data: 'gaussians',
      steps: 9,
    });
  });

  it('agrees to 1e-4 where the sines of the noise level are exact', async () => {
    const made = await ours(shape, () => 0);
    const { bytes } = exportDiffusion(made.snapshot, { network: shape, process: PROCESS, data: 'gaussians' }, run);
    expect(await errorOf(shape, bytes, made)).toBeLessThan(1e-4);
  });

  it('says what does not fit', async () => {
    const { snapshot } = await ours(shape);
    const { bytes } = exportDiffusion(snapshot, { network: shape, process: PROCESS, data: 'gaussians' }, run);
    const wider = { ...shape, width: shape.width * 2 };
    expect(() => importDiffusion(bytes, { network: wider, process: PROCESS })).toThrow(/width \d+ \(here \d+\)/);
    expect(() => importDiffusion(bytes, { network: shape, process: frameworks.edm })).toThrow(
      /preconditioning vp \(here edm\)/,
    );
  });
});
