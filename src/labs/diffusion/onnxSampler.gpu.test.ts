// Shipped networks, sampled by the device and by ONNX Runtime with the host's samplers, from the same noise: the same states all the way.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { farthest } from '../../../tests/helpers/closeness';
import { testRuntime } from '../../../tests/helpers/gpu';
import { philoxNormals } from '../../engine/philox';
import { concat } from '../../engine/ops/concat';
import { constant, State } from '../../engine/state';
import { loadModel } from '../../models/card';
import { openModel } from '../../models/session';
import { ParameterSet } from '../../nn/parameters';
import { trainedModel } from './model';
import { network, sampleShape, type NetworkShape } from './network';
import { importDiffusion, readDiffusionFacts } from './onnx';
import { sampleOnnx } from './onnxSampler';
import { frameworks, type Process } from './process/framework';
import { Sampling } from './process/sampling';
import type { SamplerSettings } from './process/samplerSettings';
import { makeTrajectory } from './process/trajectory';

const read = async (path: string) => new Uint8Array(await readFile(`public/${path}`)).buffer;

/** The shipped weights on the device. */
async function onDevice(bytes: Uint8Array, shape: NetworkShape, process: Process) {
  const runtime = await testRuntime();
  const parameters = new ParameterSet(1);
  const batch = 1;
  const [x, label] = [new State('x', [batch, ...sampleShape(shape)]), new State('label', [batch])];
  const condition = { labels: constant([0], [batch], 'u32'), dropped: constant([1], [batch]) };
  // Names and shapes of the parameters come from building the network once.
  network(parameters, shape, x.tensor(), label.tensor(), 1, condition);
  const { parameters: weights } = importDiffusion(bytes, { network: shape, process });
  runtime.write(parameters.values, parameters.join(weights, parameters.initialValues()));
  return { runtime, model: trainedModel(parameters, parameters.values, shape, process.preconditioning) };
}

interface Case {
  readonly id: string;
  readonly count: number;
  readonly sampler: Partial<SamplerSettings>;
}
const CASES: readonly Case[] = [
  { id: 'diffusion-gaussians', count: 7, sampler: { name: 'heun', steps: 18 } },
  { id: 'diffusion-character', count: 5, sampler: { name: 'heun', steps: 9, churn: 3 } },
  { id: 'diffusion-emoji', count: 3, sampler: { name: 'dpmpp2m', steps: 8, guidance: 2 } },
  { id: 'diffusion-fashion', count: 2, sampler: { name: 'ddim', steps: 6, eta: 0.5 } },
];

describe('a shipped network', () => {
  it.each(CASES)('$id, by $sampler.name with $sampler.steps steps', async ({ id, count, sampler }) => {
    const { bytes } = await loadModel(id, read);
    const { network: shape, preconditioning, sigmaData } = readDiffusionFacts(bytes);
    const { edm } = frameworks;
    const process: Process = {
      ...edm,
      preconditioning,
      sampler: { ...edm.sampler, ...sampler },
      constants: { ...edm.constants, sigmaData },
    };
    const trajectory = makeTrajectory(process, { start: 'givenNoise', record: 'state' });
    const steps = trajectory.levels.length - 1;
    const sample = sampleShape(shape);
    const size = count * sample.reduce((n, d) => n * d, 1);
    const given = philoxNormals(size, 3, 'start').slice();
    const noises = Array.from({ length: steps + 1 }, (_, i) => philoxNormals(size, 3, 'fresh', i));

    const { runtime, model } = await onDevice(bytes, shape, process);
    const guided = (sampler.guidance ?? 1) !== 1;
    const repeated = guided ? 2 : 1;
    // Classes in turn, as where none are asked for.
    const asked = constant(
      Array.from({ length: repeated * count }, (_, i) => i % count),
      [repeated * count],
      'u32',
    );
    const without = constant(new Float32Array(count).fill(1), [count]);
    const given0 = constant(new Float32Array(count), [count]);
    const condition = { labels: asked, dropped: guided ? concat([given0, without], 0) : given0 };
    const sampling = await Sampling.compile(runtime, {
      shape: [count, ...sample],
      network: (input, label, level) => model.apply(input, label, level, condition),
      seed: 1,
      guided,
      history: steps,
      givenNoises: steps,
      capacity: trajectory.evaluations,
    });
    const flat = new Float32Array((steps + 1) * size);
    noises.forEach((z, i) => flat.set(z, i * size));
    await sampling.run(trajectory, { given, noises: flat });
    const { states } = await sampling.readHistory();
    sampling.dispose();

    const opened = await openModel(bytes, { provider: 'wasm' });
    const theirs = await sampleOnnx({
      model: opened,
      network: shape,
      trajectory,
      count,
      seed: 1,
      given,
      noises,
    });
    await opened.close();
    expect(theirs).toHaveLength(states.length);
    states.forEach((state, i) => expect(farthest(state, theirs[i] ?? []), `after step ${i}`).toBeLessThan(1e-3));
    // Not a comparison of zeros: samples are of the data's size.
    expect(Math.max(...(states.at(-1) ?? []).map(Math.abs))).toBeGreaterThan(0.3);
  });
});
