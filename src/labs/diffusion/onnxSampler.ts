/** Sampling an exported network in ONNX Runtime with the lab's own samplers on the host: where there is no WebGPU. */
import { SAMPLER_STREAMS } from '../../engine/ops/edmSampler';
import { philoxNormals } from '../../engine/philox';
import type { ModelArrays, RunningModel } from '../../models/session';
import { classesOf, sampleShape, type NetworkShape } from './network';
import { HostWalk } from './process/hostSampler';
import type { Row, Trajectory } from './process/trajectory';

export interface OnnxSampling {
  /** A file that `exportDiffusion` wrote, opened. */
  readonly model: RunningModel;
  readonly network: NetworkShape;
  readonly trajectory: Trajectory;
  readonly count: number;
  /** Noise is the device's own of this seed, but for the last digits of its logarithm and cosine. */
  readonly seed: number;
  /** [count]; an entry of `classes` or more means no class. Classes in turn where left out. */
  readonly labels?: readonly number[];
  /** In place of the seed's noise: what the trajectory's start asks for, and unit noise by number of steps done. */
  readonly given?: ArrayLike<number>;
  readonly noises?: Readonly<Record<number, ArrayLike<number>>>;
}

/**
 * States [count, …sample] after 0, 1, … steps of a trajectory that records. `onEvaluation` is awaited after each network evaluation, and
 * stops the way where it throws. Throws ModelRunError where the model does not take such inputs.
 */
export async function sampleOnnx(
  request: OnnxSampling,
  onEvaluation: (done: number, walk: HostWalk) => Promise<void> | void = () => undefined,
): Promise<readonly (readonly number[])[]> {
  const { trajectory, count, seed, network, given } = request;
  const size = count * sampleShape(network).reduce((n, d) => n * d, 1);
  const fresh = (step: number) => philoxNormals(size, seed, SAMPLER_STREAMS.fresh, step);
  const steps = trajectory.rows.filter((row) => row.fresh !== 0).map((row) => row.step);
  const walk = new HostWalk(trajectory, {
    ...(given ? { given } : { startNoise: philoxNormals(size, seed, SAMPLER_STREAMS.start) }),
    noises: request.noises ?? Object.fromEntries(steps.map((step) => [step, fresh(step)])),
  });
  for (let done = 1; walk.row; done++) {
    walk.take(await evaluate(request, walk.row, walk.input()));
    await onEvaluation(done, walk);
  }
  return walk.states;
}

/** F, guided where the row says so: the batch runs with its classes and without. */
async function evaluate(request: OnnxSampling, row: Row, input: readonly number[]): Promise<Float32Array> {
  const { model, network, count } = request;
  const classes = classesOf(network);
  const guided = classes > 0 && row.guidance !== 1;
  const batch = guided ? 2 * count : count;
  const inputs: ModelArrays = {
    input: {
      shape: [batch, ...sampleShape(network)],
      data: Float32Array.from(guided ? [...input, ...input] : input),
    },
    label: { shape: [batch], data: new Float32Array(batch).fill(row.label) },
  };
  const classOf = (i: number) => BigInt(i < count ? Math.min(classes, request.labels?.[i] ?? i % classes) : classes);
  const condition = classes > 0 && {
    class: { shape: [batch], data: BigInt64Array.from({ length: batch }, (_, i) => classOf(i)) },
  };
  const { output } = await model.run({ ...inputs, ...condition });
  if (!(output?.data instanceof Float32Array))
    throw new Error('the model has no output "output"; open a diffusion model exported by Glimpse');
  if (!guided) return output.data;
  const [asked, free] = [output.data.subarray(0, input.length), output.data.subarray(input.length)];
  return asked.map((f, i) => (free[i] ?? 0) + row.guidance * (f - (free[i] ?? 0)));
}
