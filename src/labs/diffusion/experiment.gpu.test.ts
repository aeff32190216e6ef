import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../train/control';
import type { DataSource } from '../../train/dataSource';
import type { Experiment } from '../../train/experiment';
import { labDefaults } from '../../train/lab';
import { testRuntime } from '../../../tests/helpers/gpu';
import { tinyPictures } from '../../../tests/helpers/tinyPictures';
import { experiment } from './experiment';
import { meta } from './meta';

const source: DataSource = {
  // The shipped network whose features measure pictures.
  read: async (path) => new Uint8Array(await readFile(`public/${path}`)).buffer,
  ownImages: () => Promise.resolve(tinyPictures()),
};

async function create(config: Config): Promise<Experiment> {
  const runtime = await testRuntime();
  const data = await experiment.loadData(config, source);
  const made = await experiment.create({ runtime, config, data });
  made.setKnobs(config);
  return made;
}

async function train(made: Experiment, steps: number): Promise<Float32Array> {
  const { gpu } = await testRuntime();
  for (let done = 0; done < steps; done += 20) {
    made.plan.runMany(20);
    await gpu.device.queue.onSubmittedWorkDone();
  }
  return made.readHistory(0, steps);
}

function meanLoss(rows: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (rows[i * 3] ?? NaN) / (to - from);
  return sum;
}

const PLANE: Config = {
  ...labDefaults(meta),
  batch: 64,
  width: 64,
  depth: 2,
  lr: 0.005,
  warmup: 10,
  sampler: 'dpmpp2m',
  nsteps: 18,
  steps: 200,
};
const PICTURES: Config = {
  ...labDefaults(meta),
  ...{ data: 'own', size: 8, patch: 4, dwidth: 16, ddepth: 1, heads: 2 },
  ...{ batch: 16, lr: 0.005, warmup: 10, steps: 100, nsteps: 3, guidance: 1.5, drop: 0.2 },
};

function expectFinite(views: Readonly<Record<string, { shape: readonly number[]; data: ArrayLike<number> }>>): void {
  for (const [name, { shape, data }] of Object.entries(views)) {
    expect(data.length, name).toBe(shape.reduce((n, d) => n * d, 1));
    expect(
      Array.from(data).every((x) => Number.isFinite(x)),
      name,
    ).toBe(true);
  }
}

/** A request of each view, small. */
const REQUESTS: Readonly<Record<string, unknown>> = {
  data: { count: 5 },
  samples: { count: 5, path: true },
  noised: { sigma: 0.5, count: 5 },
  levels: { levels: 3, count: 4 },
  level: { sigma: 0.5, count: 5, second: 'vp', field: { grid: 3, cells: 4 }, curve: { levels: 2, count: 3 } },
  neighbours: { count: 4 },
  filmstrip: { frames: 3 },
  curvature: { count: 3 },
  interpolation: { frames: 3 },
  edit: { sigma: 5, count: 3 },
  comparison: { sampler: 'dpmpp2m', steps: 4, count: 5, path: true },
  fineReference: { count: 5 },
  quality: { sampler: 'euler', steps: 3, count: 6 },
};

describe('a diffusion model of points', () => {
  let made: Experiment;
  let rows: Float32Array;
  beforeAll(async () => {
    made = await create(PLANE);
    rows = await train(made, 200);
  });

  it('learns: the loss falls, and samples come nearer to held-out data than those of the untrained model', async () => {
    expect(meanLoss(rows, 160, 200)).toBeLessThan(meanLoss(rows, 0, 40) - 0.08);
    const fresh = await create(PLANE);
    const [before, after] = [await fresh.evaluate(), await made.evaluate()];
    expect(after['energyDistance']).toBeLessThan((before['energyDistance'] ?? NaN) / 2);
    expect(after['heldOutLoss']).toBeLessThan((before['heldOutLoss'] ?? NaN) - 0.05);
    fresh.dispose();
  });

  it.each([...Object.entries(REQUESTS), ['score', { sigma: 0.3, grid: 4 }], ['inpaint', { mask: [1, 0], count: 3 }]])(
    'shows %s',
    async (name, request) => {
      const views = await made.view(String(name), request);
      expectFinite(views);
      // The same seed gives the same picture.
      expect(await made.view(String(name), request)).toEqual(views);
    },
  );

  it('finds the ideal denoiser below every network in the loss by level', async () => {
    const { loss, exactLoss } = await made.view('levels', { levels: 5, count: 200 });
    const sum = (x: ArrayLike<number> = []) => Array.from(x).reduce((a, b) => a + b, 0);
    expect(sum(exactLoss?.data)).toBeLessThan(sum(loss?.data));
  });

  it('tells a level as two frameworks have it: one estimate, its own scale, prediction and weight for each', async () => {
    const sigma = 0.7;
    const seen = await made.view('level', { sigma, count: 6, second: 'flow' });
    const of = (name: string) => Array.from(seen[name]?.data ?? []);
    const [clean, denoised] = [of('clean'), of('denoised')];
    const t = sigma / (1 + sigma);
    // Flow: x = (1 − t) x₀ + t ε, the velocity ε − x₀ = (x − D)/t, its loss the plain square of what it predicts.
    of('second.noised').forEach((x, i) => {
      const noise = ((of('own.noised')[i] ?? 0) - (clean[i] ?? 0)) / sigma;
      expect(x).toBeCloseTo((1 - t) * (clean[i] ?? 0) + t * noise, 5);
      expect(of('second.predicted')[i]).toBeCloseTo((x - (denoised[i] ?? 0)) / t, 4);
      expect(of('second.target')[i]).toBeCloseTo(noise - (clean[i] ?? 0), 4);
    });
    const [time = NaN, scale = NaN, loss = NaN, error = NaN] = of('second.numbers');
    expect([time, scale]).toEqual([Math.fround(t), Math.fround(1 - t)]);
    expect(loss).toBeCloseTo(error ** 2, 4);
    const own = of('own.numbers');
    expect(own.slice(0, 2)).toEqual([Math.fround(sigma), 1]);
    expect(own[2]).toBeCloseTo((own[3] ?? NaN) ** 2, 4);
  });

  it('draws from the ideal denoiser, which lands on the data', async () => {
    const { reference } = await made.view('quality', { sampler: 'heun', steps: 18, count: 64, ideal: true });
    expect(reference?.data[0]).toBeLessThan(0.1);
    const { distance } = await made.view('neighbours', { count: 32, ideal: true });
    expect(Math.max(...(distance?.data ?? [Infinity]))).toBeLessThan(0.1);
  });

  it('compares samplers with an end that is the weights’ own, remembered or not', async () => {
    const distance = async () => (await made.view('quality', { sampler: 'euler', steps: 4, count: 16 }))['reference'];
    const [first, again] = [await distance(), await distance()];
    expect(again).toEqual(first);
    const { ...before } = await made.snapshot();
    const other = await create({ ...PLANE, seed: 5 });
    made.restore({ ...(await other.snapshot()), step: before.step });
    expect((await distance())?.data[0]).not.toBeCloseTo(first?.data[0] ?? NaN, 3);
    made.restore(before);
    expect(await distance()).toEqual(first);
    other.dispose();
  });

  it('takes η and churn of a request before the controls’, all from one noise', async () => {
    const ends = async (request: object) =>
      Array.from((await made.view('comparison', { steps: 8, count: 6, ...request }))['samples']?.data ?? []);
    const euler = await ends({ sampler: 'euler', churn: 0 });
    // Without noise of its own DDIM is Euler in σ.
    (await ends({ sampler: 'ddim', eta: 0 })).forEach((x, i) => expect(x).toBeCloseTo(euler[i] ?? NaN, 4));
    expect(await ends({ sampler: 'ddim', eta: 1 })).not.toEqual(euler);
    expect(await ends({ sampler: 'euler', churn: 3 })).not.toEqual(euler);
    const { samples: fine } = await made.view('fineReference', { count: 6 });
    const heun = await ends({ sampler: 'heun', steps: 64, churn: 0 });
    heun.forEach((x, i) => expect(x).toBeCloseTo(fine?.data[i] ?? NaN, 2));
  });

  it('keeps the known coordinate in in-painting', async () => {
    const { original, painted } = await made.view('inpaint', { mask: [1, 0], count: 4 });
    for (let i = 0; i < 4; i++) expect(painted?.data[2 * i + 1]).toBeCloseTo(original?.data[1] ?? NaN, 4);
  });

  it('follows a change of the sampler at once, and restores a snapshot', async () => {
    made.setKnobs({ ...PLANE, nsteps: 2, framework: 'edm', sampler: 'euler' });
    const { evaluations } = await made.view('samples', { count: 5 });
    expect(evaluations?.data[0]).toBe(2);
    made.setKnobs(PLANE);
    const { samples } = await made.view('samples', { count: 5 });
    const fresh = await create(PLANE);
    expect(fresh.restore(await made.snapshot())).toEqual([]);
    expect((await fresh.view('samples', { count: 5 }))['samples']).toEqual(samples);
    fresh.dispose();
  });

  it('names views and requests that it does not know', async () => {
    await expect(made.view('nothing', {})).rejects.toThrow(/there is none; there are comparison/);
    await expect(made.view('noised', { sigma: -1 })).rejects.toThrow();
    await expect(made.view('inpaint', { mask: [1] })).rejects.toThrow(/give 2/);
  });
});

describe('a diffusion model of pictures', () => {
  let made: Experiment;
  let rows: Float32Array;
  beforeAll(async () => {
    made = await create(PICTURES);
    rows = await train(made, 100);
  });

  it('learns', () => {
    expect(meanLoss(rows, 80, 100)).toBeLessThan(meanLoss(rows, 0, 20) * 0.9);
  });

  it.each([
    ...Object.entries(REQUESTS).filter(([name]) => name !== 'quality' && name !== 'fineReference'),
    // With noise of its own, and so without the long reference that the points are compared with.
    ['quality', { sampler: 'ancestral', steps: 3, count: 6 }],
    ['inpaint', { mask: Array.from({ length: 64 }, (_, i) => i % 2), count: 2 }],
  ])('shows %s', async (name, request) => {
    expectFinite(await made.view(String(name), request));
  });

  it('measures samples', async () => {
    const metrics = await made.evaluate();
    expect(Object.keys(metrics)).toEqual([
      'heldOutLoss',
      'slicedWasserstein',
      'energyDistance',
      'featureDistance',
      'learnedDistance',
      'nearness',
    ]);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  });

  it('repeats training pictures with the ideal denoiser', async () => {
    const { distance } = await made.view('neighbours', { count: 4, ideal: true });
    expect(Math.max(...(distance?.data ?? [Infinity]))).toBeLessThan(0.02);
  });
});

describe('a U-Net of pictures', () => {
  let made: Experiment;
  let rows: Float32Array;
  const UNET: Config = { ...PICTURES, net: 'unet', uwidth: 8, ulevels: 2 };
  beforeAll(async () => {
    made = await create(UNET);
    rows = await train(made, 100);
  });

  it('learns', () => {
    expect(meanLoss(rows, 80, 100)).toBeLessThan(meanLoss(rows, 0, 20) * 0.9);
  });

  it.each([
    ['samples', { count: 5, path: true }],
    ['level', { sigma: 0.5, count: 5, second: 'vp', field: { grid: 3, cells: 4 }, curve: { levels: 2, count: 3 } }],
    ['edit', { sigma: 5, count: 3 }],
    ['inpaint', { mask: Array.from({ length: 64 }, (_, i) => i % 2), count: 2 }],
  ])('shows %s', async (name, request) => {
    expectFinite(await made.view(name, request));
  });

  it('measures samples', async () => {
    expect(Object.values(await made.evaluate()).every(Number.isFinite)).toBe(true);
  });

  it('goes out as a file and comes back, and not into a transformer', async () => {
    const file = await made.exportModel?.({ config: UNET, changes: [] });
    if (!file) throw new Error('no file');
    const { average } = await made.snapshot();
    expect(made.importModel?.(file.bytes).parameters).toEqual(average);
    const other = await create(PICTURES);
    expect(() => other.importModel?.(file.bytes)).toThrow(/kind unet \(here dit\)/);
    other.dispose();
  });
});

it.each(['vp', 've', 'iddpm', 'flow'])('the framework %s trains and samples', async (framework) => {
  const made = await create({ ...PLANE, framework, width: 16, depth: 1, batch: 16 });
  const rows = await train(made, 20);
  expect(rows.every((x) => Number.isFinite(x))).toBe(true);
  expectFinite(await made.view('samples', { count: 7 }));
  made.dispose();
});
