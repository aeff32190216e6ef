import { describe, expect, it } from 'vitest';
import { SAMPLER_STREAMS } from '../../../engine/ops/edmSampler';
import { idealDenoiser } from '../../../engine/ops/idealDenoiser';
import { add, affine, div, mul, square } from '../../../engine/ops/pointwise';
import { randomNormal } from '../../../engine/ops/random';
import { reshape } from '../../../engine/ops/reshape';
import { compile } from '../../../engine/plan';
import { constant } from '../../../engine/state';
import { sizeOf, type Tensor } from '../../../engine/tensor';
import { farthest } from '../../../../tests/helpers/closeness';
import { goldenMixture, goldenTrajectories } from '../../../../tests/helpers/goldenTrajectories';
import { testRuntime } from '../../../../tests/helpers/gpu';
import { frameworks, type Process } from './framework';
import { sampleOnHost, type HostNetwork } from './hostSampler';
import { mixtureDenoiser } from './mixture';
import { Sampling, type SamplingOptions } from './sampling';
import type { SamplerSettings } from './samplerSettings';
import type { ScheduleName } from './schedule';
import { makeTrajectory, type TrajectoryOptions } from './trajectory';

/** What the device may be off by, times max(1, |x|). */
const TOLERANCE = 1e-5;

const { weights, means, deviations } = goldenMixture;
const mixture = () => ({
  means: constant(means.flat(), [means.length, 2]),
  logWeights: constant(weights.map(Math.log), [weights.length]),
  deviations: constant(deviations, [deviations.length]),
});
const exact = (x: Tensor, _label: Tensor, level: Tensor): Tensor => idealDenoiser(x, level, mixture()).denoised;
const exactOnHost: HostNetwork = (x, { level }) => mixtureDenoiser(goldenMixture, x, level).denoised;

const withSampler = (process: Process, change: Partial<SamplerSettings>): Process => ({
  ...process,
  sampler: { ...process.sampler, ...change },
});

async function compiled(options: Omit<SamplingOptions, 'seed'>): Promise<Sampling> {
  return Sampling.compile(await testRuntime(), { seed: 5, ...options });
}

/**
 * The device's own normals of a stream: drivers differ by 2e-4 in the logarithm and cosine of Box–Muller. That they are normal and come
 * from the host's Philox is tested with the op.
 */
async function normals(count: number, stream: string, step = 0): Promise<number[]> {
  const [seed, at] = [constant([5], [], 'u32'), constant([step], [], 'u32')];
  const plan = await compile(await testRuntime(), { outputs: { z: randomNormal(seed, at, [count], stream) } });
  plan.run();
  const z = await plan.read('z');
  plan.dispose();
  return [...z];
}

/** Fresh noise after 0, 1, … steps. */
async function freshNoises(count: number, steps: number): Promise<number[][]> {
  const noises: number[][] = [];
  for (let step = 0; step <= steps; step++) noises.push(await normals(count, SAMPLER_STREAMS.fresh, step));
  return noises;
}

/**
 * A smooth stand-in for a network, elementwise: F = y/(1 + y²), y = x/50 + 0.003 label, flat enough for raw inputs of 100 not to be
 * chaotic, and of operations that every driver rounds well.
 */
const smooth = (x: Tensor, label: Tensor): Tensor => {
  const column = reshape(label, [label.shape[0] ?? 1, ...x.shape.slice(1).map(() => 1)]);
  const y = add(affine(x, 0.02, 0), affine(column, 0.003, 0));
  return div(y, affine(square(y), 1, 1));
};
const smoothOnHost: HostNetwork = (x, { label }) =>
  x.map((v) => {
    const y = 0.02 * v + 0.003 * label;
    return y / (1 + y * y);
  });

describe('golden trajectories, replayed on the device by one plan', () => {
  const ROWS = 5;
  let shared: Promise<Sampling> | undefined;
  const sampling = () =>
    (shared ??= compiled({ shape: [ROWS, 2], network: exact, history: 6, givenNoises: 6, capacity: 12 }));
  it.each(goldenTrajectories())('$name', async ({ process, options, levels, given, noises, states }) => {
    const trajectory = makeTrajectory(process, { exact: true, record: 'state', ...options }, levels);
    // The golden start in the middle row, others around it.
    const starts = Array.from({ length: ROWS }, (_, r) => given.map((v) => v * (1 + 0.2 * (r - 2))));
    const flat = new Float32Array(7 * ROWS * 2);
    noises?.forEach((z, i) =>
      z.forEach((v, k) => {
        for (let r = 0; r < ROWS; r++) flat[(i * ROWS + r) * 2 + k] = v;
      }),
    );
    const made = await sampling();
    await made.run(trajectory, { given: Float32Array.from(starts.flat()), noises: flat });
    const history = await made.readHistory();
    expect(history.states).toHaveLength(states.length);
    const end = await made.read();
    for (let r = 0; r < ROWS; r++) {
      const want =
        r === 2 ? states : sampleOnHost(trajectory, exactOnHost, { given: starts[r] ?? [], ...(noises && { noises }) });
      want.forEach((state, i) => {
        const got = history.states[i]?.subarray(r * 2, r * 2 + 2) ?? [];
        expect(farthest(got, state), `row ${r}, step ${i}`).toBeLessThanOrEqual(TOLERANCE);
      });
      expect(farthest(end.subarray(r * 2, r * 2 + 2), want.at(-1) ?? [])).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});

describe('what coincides does so to f32 rounding', () => {
  const shape = [17, 2];
  let shared: Promise<Sampling> | undefined;
  /** The unscaled end of a sampler on EDM's grid, all from one seed. */
  const run = async (schedule: ScheduleName, change: Partial<SamplerSettings>): Promise<Float32Array> => {
    const made = await (shared ??= compiled({ shape, network: exact }));
    const process = withSampler({ ...frameworks.edm, schedule }, { steps: 12, ...change });
    await made.run(makeTrajectory(process, { exact: true }));
    return made.read();
  };
  const apart = async (a: Promise<Float32Array>, b: Promise<Float32Array>) => farthest(await a, await b);

  it('DDIM(0) = Euler in σ = flow Euler', async () => {
    const euler = run('edm', { name: 'euler' });
    await euler;
    expect(await apart(run('vp', { name: 'ddim' }), euler)).toBeLessThan(TOLERANCE);
    expect(await apart(run('flow', { name: 'euler', variable: 'time' }), euler)).toBeLessThan(TOLERANCE);
    expect(await apart(run('vp', { name: 'euler', variable: 'time' }), euler)).toBeGreaterThan(0.01);
  });

  it('DDIM(1) = DDPM fixed-small = VE ancestral, and not fixed-large', async () => {
    const ancestral = run('edm', { name: 'ancestral' });
    await ancestral;
    expect(await apart(run('vp', { name: 'ddim', eta: 1 }), ancestral)).toBeLessThan(TOLERANCE);
    expect(await apart(run('vp', { name: 'ddpmSmall' }), ancestral)).toBeLessThan(TOLERANCE);
    expect(await apart(run('vp', { name: 'ddpmLarge' }), ancestral)).toBeGreaterThan(0.01);
  });

  it('2M in VP = in flow = in σ; Heun in flow time is another', async () => {
    const sigma = run('edm', { name: 'dpmpp2m' });
    await sigma;
    expect(await apart(run('vp', { name: 'dpmpp2m' }), sigma)).toBeLessThan(TOLERANCE);
    expect(await apart(run('flow', { name: 'dpmpp2m' }), sigma)).toBeLessThan(TOLERANCE);
    const heun = run('edm', { name: 'heun' });
    await heun;
    expect(await apart(run('flow', { name: 'heun', variable: 'time' }), heun)).toBeGreaterThan(0.01);
  });
});

describe('a network through the sampler', () => {
  it.each([
    { shape: [1, 1], framework: 'edm' },
    { shape: [13, 3], framework: 'vp' },
    { shape: [2, 3, 5, 7], framework: 'flow' },
    { shape: [67, 2], framework: 've' },
  ] as const)('$framework, state $shape', async ({ shape, framework }) => {
    const size = sizeOf(shape);
    const made = await compiled({ shape, network: smooth });
    expect(made.evaluation.dispatches.filter((d) => d.shader === 'edmSampler')).toHaveLength(3);
    for (const change of [{ name: 'heun' }, { name: 'dpmpp2m' }, { name: 'ddim', eta: 1 }] as const) {
      const trajectory = makeTrajectory(withSampler(frameworks[framework], { steps: 7, ...change }));
      await made.run(trajectory);
      const noises = await freshNoises(size, 7);
      const startNoise = await normals(size, SAMPLER_STREAMS.start);
      const want = sampleOnHost(trajectory, smoothOnHost, { startNoise, noises }).at(-1) ?? [];
      expect(farthest(await made.read(), want)).toBeLessThan(1e-4);
    }
    made.dispose();
  });

  it('draws churn on the device, at the start too, as the host does', async () => {
    const made = await compiled({ shape: [11, 2], network: exact, history: 9 });
    const process = withSampler(frameworks.edm, { steps: 9, churn: 2, churnMin: 0.05, churnMax: 1e3 });
    const trajectory = makeTrajectory(process, { exact: true, record: 'state' });
    await made.run(trajectory);
    const { states, levels } = await made.readHistory();
    const noises = await freshNoises(22, 9);
    const startNoise = await normals(22, SAMPLER_STREAMS.start);
    const rowsOnHost =
      (i: number): HostNetwork =>
      (x, at) =>
        exactOnHost(x.slice(2 * i, 2 * i + 2), at);
    const all: HostNetwork = (x, at) => Array.from({ length: 11 }, (_, i) => rowsOnHost(i)(x, at)).flat();
    const want = sampleOnHost(trajectory, all, { startNoise, noises });
    expect(levels).toHaveLength(10);
    want.forEach((state, i) => expect(farthest(states[i] ?? [], state), `step ${i}`).toBeLessThan(1e-4));
    made.dispose();
  });

  it('repeats bit for bit, and another seed gives other samples', async () => {
    const made = await compiled({ shape: [5, 3], network: smooth });
    const trajectory = makeTrajectory(withSampler(frameworks.edm, { name: 'ancestral', steps: 5 }));
    const ends: Float32Array[] = [];
    for (const seed of [1, 1, 2]) {
      made.reseed(seed);
      await made.run(trajectory);
      ends.push(await made.read());
    }
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).not.toEqual(ends[0]);
    made.dispose();
  });

  it('guides: D = D_without + w (D_with − D_without)', async () => {
    const [batch, w] = [5, 2.5];
    const factors = constant([...Array<number>(batch).fill(0.9), ...Array<number>(batch).fill(0.4)], [2 * batch, 1]);
    const made = await compiled({ shape: [batch, 3], guided: true, network: (x) => mul(x, factors) });
    const trajectory = makeTrajectory(withSampler(frameworks.edm, { name: 'heun', steps: 6, guidance: w }));
    await made.run(trajectory);
    const startNoise = await normals(batch * 3, SAMPLER_STREAMS.start);
    const want = sampleOnHost(trajectory, (x) => x.map((v) => (0.4 + w * 0.5) * v), { startNoise }).at(-1) ?? [];
    expect(farthest(await made.read(), want)).toBeLessThan(TOLERANCE);
    made.dispose();
  });

  it('in-paints: the known part comes out as it is, the rest as without it', async () => {
    const shape = [3, 5];
    const [plain, painted] = [
      await compiled({ shape, network: smooth }),
      await compiled({ shape, network: smooth, inpaint: true }),
    ];
    const trajectory = makeTrajectory(withSampler(frameworks.flow, { name: 'midpoint', steps: 6 }));
    const known = Float32Array.from({ length: 15 }, (_, i) => Math.cos(i));
    const mask = Float32Array.from({ length: 15 }, (_, i) => (i % 3 === 0 ? 0 : 1));
    await plain.run(trajectory);
    await painted.run(trajectory, { known, mask });
    const [free, kept] = [await plain.read(), await painted.read()];
    expect([...kept]).toEqual([...known].map((v, i) => (mask[i] === 0 ? v : free[i])));
    plain.dispose();
    painted.dispose();
  });

  it('goes from given data: noised part of the way and back; keeps denoised estimates', async () => {
    const made = await compiled({ shape: [4, 2], network: exact, history: 18 });
    const options: TrajectoryOptions = { exact: true, start: 'givenData', fromSigma: 0.3, record: 'denoised' };
    const trajectory = makeTrajectory(withSampler(frameworks.edm, { name: 'euler' }), options);
    const given = Float32Array.from([-1, 0, 0.8, 0.6, 0.3, -0.9, 2, 2]);
    await made.run(trajectory, { given });
    const { states, levels } = await made.readHistory();
    const startNoise = await normals(8, SAMPLER_STREAMS.start);
    const first = levels[0]?.sigma ?? NaN;
    expect(
      farthest(
        states[0] ?? [],
        given.map((v, i) => v + first * (startNoise[i] ?? 0)),
      ),
    ).toBeLessThan(TOLERANCE);
    const at = { signal: 1, noise: first };
    const want = [0, 1, 2, 3].flatMap(
      (r) => mixtureDenoiser(goldenMixture, [...(states[0] ?? [])].slice(2 * r, 2 * r + 2), at).denoised,
    );
    expect(farthest(states[1] ?? [], want)).toBeLessThan(TOLERANCE);
    made.dispose();
  });

  it('refuses what was not compiled for', async () => {
    const made = await compiled({ shape: [2, 2], network: smooth, capacity: 8 });
    expect(() => made.begin(makeTrajectory(frameworks.edm))).toThrow(/35 network evaluations; it was compiled for 8/);
    const short = makeTrajectory(withSampler(frameworks.edm, { steps: 3 }), { record: 'state' });
    expect(() => made.begin(short)).toThrow(/compiled for 0/);
    expect(() =>
      made.begin(makeTrajectory(withSampler(frameworks.edm, { steps: 3 })), { given: new Float32Array(3) }),
    ).toThrow(/"given" holds 3/);
    await expect(made.readHistory()).rejects.toThrow(/no history/);
    made.dispose();
    await expect(
      compiled({ shape: [2, 2], network: (x) => reshape(square(constant([1], [1])), x.shape) }),
    ).rejects.toThrow();
  });
});
