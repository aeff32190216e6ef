/**
 * Sampling images with the diffusion lab's transformer at its defaults, on 32-pixel colour images, by EDM's Heun steps. Weights are random
 * and nowhere zero; all engines start from one noise and take the same coefficients. Peers get the class rows and the positions ready.
 */
import { philoxNormals } from '../src/engine/philox';
import type { Runtime } from '../src/engine/runtime';
import { constant } from '../src/engine/state';
import { meta } from '../src/labs/diffusion/meta';
import { trainedModel } from '../src/labs/diffusion/model';
import { dit, type DitShape } from '../src/labs/diffusion/dit';
import { noiseFrequencies } from '../src/labs/diffusion/noiseFeatures';
import { frameworks, type Process } from '../src/labs/diffusion/process/framework';
import { Sampling } from '../src/labs/diffusion/process/sampling';
import { makeTrajectory, type Row } from '../src/labs/diffusion/process/trajectory';
import { ParameterSet } from '../src/nn/parameters';
import { sinCosPositions2d } from '../src/nn/positions';
import { labDefaults } from '../src/train/lab';
import type { Contest, Contestant } from './contest';
import type { NamedArray } from './stepTask';

const DEFAULTS = labDefaults(meta);
const CLASSES = 8;
const SHAPE: DitShape = {
  kind: 'dit',
  channels: 3,
  size: 32,
  patch: Number(DEFAULTS['patch']),
  width: Number(DEFAULTS['dwidth']),
  depth: Number(DEFAULTS['ddepth']),
  heads: Number(DEFAULTS['heads']),
  classes: CLASSES,
};

/** What a peer samples: everything as plain arrays. */
export interface SamplingTask {
  readonly shape: DitShape;
  readonly images: number;
  readonly weights: ReadonlyMap<string, NamedArray>;
  /** Unit noise [images, 3, 32, 32]; x starts as `start` times it. */
  readonly noise: Float32Array;
  readonly start: number;
  /** One for each network evaluation. */
  readonly rows: readonly Row[];
  /** Positions [L, D], class rows [images, D], angles of the noise features [32] each. */
  readonly positions: Float32Array;
  readonly classRows: Float32Array;
  readonly omega: readonly number[];
  readonly phase: readonly number[];
}

export type SamplingPeer = (task: SamplingTask) => Promise<Contestant>;

function parametersOf(): ParameterSet {
  const parameters = new ParameterSet(1);
  const x = constant(new Float32Array(3 * SHAPE.size ** 2), [1, 3, SHAPE.size, SHAPE.size]);
  const condition = { labels: constant([0], [1], 'u32'), dropped: constant([0], [1]) };
  dit(parameters, SHAPE, x, constant([0], [1]), 1, condition);
  return parameters;
}

/** The lab's starting weights with noise on all of them: a fresh transformer's blocks are the identity. */
function weightsOf(parameters: ParameterSet): Map<string, NamedArray> {
  const start = parameters.split(parameters.initialValues());
  return new Map(
    parameters.all.map(({ name, shape }) => {
      const values = start.get(name)?.data ?? new Float32Array();
      const noise = philoxNormals(values.length, 1, name);
      return [name, { shape, data: values.map((w, i) => w + 0.02 * (noise[i] ?? 0)) }];
    }),
  );
}

const PROCESS: Process = frameworks.edm;
const classOf = (image: number) => image % CLASSES;

function taskOf(images: number, steps: number): SamplingTask {
  const weights = weightsOf(parametersOf());
  const process = { ...PROCESS, sampler: { ...PROCESS.sampler, steps } };
  const { rows, evaluations } = makeTrajectory(process, { start: 'givenNoise' });
  const { width, size, patch } = SHAPE;
  const table = weights.get('classes')?.data ?? new Float32Array();
  return {
    shape: SHAPE,
    images,
    weights,
    noise: philoxNormals(images * 3 * size ** 2, 1, 'noise').slice(),
    start: rows[0]?.state ?? 1,
    rows: rows.slice(1, evaluations + 1),
    positions: sinCosPositions2d(width, size / patch, false),
    classRows: Float32Array.from({ length: images * width }, (_, i) => {
      return table[classOf(Math.floor(i / width)) * width + (i % width)] ?? NaN;
    }),
    ...noiseFrequencies(),
  };
}

async function ours(runtime: Runtime, steps: number, task: SamplingTask): Promise<Contestant> {
  const { images, weights, noise } = task;
  const parameters = parametersOf();
  runtime.write(parameters.values, parameters.join(weights, parameters.initialValues()));
  const model = trainedModel(parameters, parameters.values, SHAPE, PROCESS.preconditioning);
  const labels = Uint32Array.from({ length: images }, (_, i) => classOf(i));
  const condition = {
    labels: constant(labels, [images], 'u32'),
    dropped: constant(new Float32Array(images), [images]),
  };
  const sampling = await Sampling.compile(runtime, {
    shape: [images, ...model.sample],
    network: (input, label, level) => model.apply(input, label, level, condition),
    seed: 1,
  });
  const process = { ...PROCESS, sampler: { ...PROCESS.sampler, steps } };
  const trajectory = makeTrajectory(process, { start: 'givenNoise' });
  console.log(`${sampling.evaluation.dispatches.length} dispatches for a network evaluation with its sampler`);
  return {
    engine: 'glimpse',
    run: () => sampling.run(trajectory, { given: noise }),
    result: async () => {
      await sampling.run(trajectory, { given: noise });
      return sampling.read();
    },
    profile: () => sampling.evaluation.profile(),
    dispose: () => {
      sampling.dispose();
      runtime.release(parameters.values);
    },
  };
}

function samplingContest(
  runtime: Runtime,
  peers: readonly SamplingPeer[],
  { images, steps }: { readonly images: number; readonly steps: number },
): Contest {
  const { width: D, depth, patch, size } = SHAPE;
  const L = (size / patch) ** 2;
  const products = L * (2 * 3 * patch ** 2 * D + depth * 12 * D * D) + depth * 2 * L * L * D;
  return {
    name: `sample ${images} images, ${steps} Heun steps`,
    flops: 2 * products * images * (2 * steps - 1),
    contestants: async () => {
      const task = taskOf(images, steps);
      return [await ours(runtime, steps, task), ...(await Promise.all(peers.map((peer) => peer(task))))];
    },
  };
}

/** The lab's own size, and one that is over in a moment. */
export function samplingContests(runtime: Runtime, peers: readonly SamplingPeer[]): Contest[] {
  return [
    samplingContest(runtime, peers, { images: 64, steps: 18 }),
    samplingContest(runtime, peers, { images: 4, steps: 3 }),
  ];
}
