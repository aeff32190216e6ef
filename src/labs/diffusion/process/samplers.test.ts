import { describe, expect, it } from 'vitest';
import gaussianFile from '../../../../tests/golden/diffusion/gaussian.json';
import mixtureFile from '../../../../tests/golden/diffusion/mixture.json';
import trajectoriesFile from '../../../../tests/golden/diffusion/trajectories.json';
import { expectClose, farthest } from '../../../../tests/helpers/closeness';
import { frameworks, type Process } from './framework';
import { goldenTrajectories, goldenMixture } from '../../../../tests/helpers/goldenTrajectories';
import { sampleOnHost, type HostNetwork } from './hostSampler';
import { logDensityGrid, mixtureDenoiser, mixtureScore, type Mixture } from './mixture';
import { hostArithmetic } from './arithmetic';
import { preconditionings } from './preconditioning';
import type { SamplerSettings } from './samplerSettings';
import { levelAt, type ScheduleName } from './schedule';
import { makeTrajectory, MOST_GAMMA, trajectoryLevels, type TrajectoryOptions } from './trajectory';

const exactDenoiser =
  (mixture: Mixture): HostNetwork =>
  (x, { level }) =>
    mixtureDenoiser(mixture, x, level).denoised;

/** The last state of an exact trajectory from given unit noise. */
function endOf(
  process: Process,
  given: readonly number[],
  mixture: Mixture = goldenMixture,
  noises: number[][] = [],
): number[] {
  const trajectory = makeTrajectory(process, { exact: true, start: 'givenNoise', record: 'state' });
  return sampleOnHost(trajectory, exactDenoiser(mixture), { given, noises }).at(-1) ?? [];
}

const withSampler = (process: Process, change: Partial<SamplerSettings>): Process => ({
  ...process,
  sampler: { ...process.sampler, ...change },
});

describe('the exact denoiser of a mixture', () => {
  const { mixture, probes } = mixtureFile.golden;
  const made = { weights: mixture.w, means: mixture.mu, deviations: mixture.sd };
  it.each(probes)('at σ = $sigma', ({ x, sigma, D, score, log_density }) => {
    const { denoised, logDensity } = mixtureDenoiser(made, x, { signal: 1, noise: sigma });
    expectClose(denoised, D);
    expectClose(mixtureScore(made, x, sigma), score);
    expectClose([logDensity], [log_density]);
  });

  it('has a density on a grid that is the one at each place', () => {
    const [cells, reach, sigma] = [5, 2, 0.3];
    const grid = logDensityGrid(made, sigma, cells, reach);
    const middle = (i: number) => ((2 * i + 1) / cells - 1) * reach;
    const want = Array.from(grid, (_, c) => {
      const place = [middle(c % cells), middle(Math.floor(c / cells))];
      return mixtureDenoiser(made, place, { signal: 1, noise: sigma }).logDensity;
    });
    expectClose(grid, want, 1e-6);
  });

  it('is the mean where nothing of the data is left', () => {
    expectClose(mixtureDenoiser(made, [7, -3], { signal: 0, noise: 1 }).denoised, [-0.2, 0]);
  });
});

describe('trajectories', () => {
  it.each(goldenTrajectories())('$name', ({ process, options, levels, given, noises, states, evaluations }) => {
    const trajectory = makeTrajectory(process, { exact: true, record: 'state', ...options }, levels);
    const got = sampleOnHost(trajectory, exactDenoiser(goldenMixture), { given, ...(noises && { noises }) });
    expect(got).toHaveLength(states.length);
    states.forEach((want, i) => expectClose(got[i] ?? [], want));
    if (evaluations !== undefined) expect(trajectory.evaluations).toBe(evaluations);
  });
});

describe('one Gaussian, whose end point is known', () => {
  const { inputs, rows } = gaussianFile.golden;
  const one = { weights: [1], means: [inputs.mean], deviations: [inputs.sd] };
  it.each(rows)('$N_points points', (row) => {
    const end = (name: SamplerSettings['name']) =>
      endOf(
        withSampler(frameworks.edm, { name, steps: row.N_points - 1, endAtZero: false, lowerOrderFinal: false }),
        inputs.x_unit,
        one,
      );
    expectClose(end('euler'), row.euler);
    expectClose(end('heun'), row.heun);
    expectClose(end('dpmpp2m'), row.dpmpp2m);
  });
});

describe('order of convergence', () => {
  const given = [0.7, -1.2];
  // A mixture whose components overlap, so that 64 steps are in the asymptotic range.
  const smooth: Mixture = {
    weights: [0.6, 0.4],
    means: [
      [-0.4, 0.1],
      [0.5, -0.3],
    ],
    deviations: [0.4, 0.3],
  };
  const run = (change: Partial<SamplerSettings>) =>
    endOf(
      withSampler(
        { ...frameworks.edm, constants: { ...frameworks.edm.constants, sigmaMin: 0.02, sigmaMax: 10 } },
        { endAtZero: false, ...change },
      ),
      given,
      smooth,
    );
  const reference = run({ name: 'heun', steps: 2048 });
  it.each([
    { name: 'euler', order: 1 },
    { name: 'heun', order: 2 },
    { name: 'midpoint', order: 2 },
    { name: 'ralston', order: 2 },
    { name: 'dpmpp2m', order: 2 },
  ] as const)('$name: $order', ({ name, order }) => {
    const error = (steps: number) => {
      const end = run({ name, steps, lowerOrderFinal: false });
      return Math.hypot(...end.map((v, i) => v - (reference[i] ?? NaN)));
    };
    const measured = Math.log2(error(64) / error(128));
    expect(measured).toBeGreaterThan(order - 0.2);
    expect(measured).toBeLessThan(order + 0.25);
  });
});

describe('what coincides exactly', () => {
  const given = [0.7, -1.2];
  const noises = Array.from({ length: 13 }, (_, i) => [Math.sin(3 * i + 1), Math.cos(5 * i)]);
  /** The unscaled end of a sampler on a schedule, on the same σ. */
  const run = (schedule: ScheduleName, change: Partial<SamplerSettings>) => {
    const process = withSampler({ ...frameworks.edm, schedule }, { steps: 12, endAtZero: false, ...change });
    const levels = trajectoryLevels(process);
    const end = endOf(process, given, goldenMixture, noises);
    return end.map((v) => v / (levels.at(-1)?.signal ?? NaN));
  };
  const apart = (a: number[], b: number[]) => farthest(a, b);

  it('DDIM(0), Euler in σ and flow Euler, whatever the scale of the state', () => {
    const euler = run('edm', { name: 'euler' });
    for (const schedule of ['vp', 'flow', 've', 'iddpm'] as const) {
      expect(apart(run(schedule, { name: 'ddim', eta: 0 }), euler)).toBeLessThan(1e-12);
      expect(apart(run(schedule, { name: 'euler' }), euler)).toBeLessThan(1e-12);
    }
    expect(apart(run('flow', { name: 'euler', variable: 'time' }), euler)).toBeLessThan(1e-12);
  });

  it('DDIM(1), DDPM with fixed-small variance and the VE ancestral sampler', () => {
    const ancestral = run('edm', { name: 'ancestral' });
    for (const schedule of ['edm', 'vp', 'flow'] as const) {
      expect(apart(run(schedule, { name: 'ddim', eta: 1 }), ancestral)).toBeLessThan(1e-12);
      expect(apart(run(schedule, { name: 'ddpmSmall' }), ancestral)).toBeLessThan(1e-12);
    }
  });

  it('DPM-Solver++(2M) in VP, in flow and in σ', () => {
    const sigma = run('edm', { name: 'dpmpp2m' });
    for (const schedule of ['vp', 'flow'] as const) {
      expect(apart(run(schedule, { name: 'dpmpp2m' }), sigma)).toBeLessThan(1e-12);
    }
  });

  it('a network through any schedule', () => {
    // Not a denoiser: any function of the scaled input and the label.
    const network: HostNetwork = (x, { label }) => x.map((v, i) => Math.tanh(v + 0.3 * label + i));
    for (const preconditioning of ['vp', 've', 'edm', 'flow', 'x0', 'v'] as const) {
      const ends = (['edm', 'vp', 'flow'] as const).map((schedule) => {
        const process = withSampler({ ...frameworks.edm, schedule, preconditioning }, { name: 'heun', steps: 9 });
        const trajectory = makeTrajectory(process, { start: 'givenNoise' });
        return sampleOnHost(trajectory, network, { given }).at(-1) ?? [];
      });
      const [first = []] = ends;
      for (const end of ends) expect(apart(end, first)).toBeLessThan(1e-10);
    }
  });
});

describe('what does not coincide', () => {
  const given = [0.7, -1.2];
  const noises = Array.from({ length: 13 }, (_, i) => [Math.sin(3 * i + 1), Math.cos(5 * i)]);
  const run = (schedule: ScheduleName, change: Partial<SamplerSettings>) =>
    endOf(withSampler({ ...frameworks.edm, schedule }, { steps: 6, ...change }), given, goldenMixture, noises);
  const { equivalences_max_abs_diff: apart } = trajectoriesFile.golden;
  const difference = (a: number[], b: number[]) => Math.max(...a.map((v, i) => Math.abs(v - (b[i] ?? NaN))));

  it('Heun in σ and in flow time', () => {
    const process = (schedule: ScheduleName, variable: 'sigma' | 'time') =>
      withSampler({ ...frameworks.flow, schedule }, { name: 'heun', steps: 6, variable });
    const levels = trajectoryLevels(process('flow', 'time'));
    expect(levels).toHaveLength(7);
    expect(difference(run('flow', { name: 'heun', variable: 'time' }), run('flow', { name: 'heun' }))).toBeGreaterThan(
      0.01,
    );
    expect(apart.fm_heun_vs_edm_heun_DIFFER).toBeGreaterThan(0.1);
  });

  it('Euler in VP time and DDIM', () => {
    expect(difference(run('vp', { name: 'euler', variable: 'time' }), run('vp', { name: 'ddim' }))).toBeGreaterThan(
      0.01,
    );
  });

  it('churn and the ancestral sampler; fixed-large and fixed-small', () => {
    const churned = run('edm', { name: 'euler', churn: 2, churnMin: 0, churnMax: 1e3, churnNoise: 1 });
    expect(difference(churned, run('edm', { name: 'ancestral' }))).toBeGreaterThan(0.01);
    expect(difference(run('vp', { name: 'ddpmLarge' }), run('vp', { name: 'ddpmSmall' }))).toBeGreaterThan(0.01);
  });
});

describe('the table', () => {
  it('limits churn to √2 − 1 a step', () => {
    const process = withSampler(frameworks.edm, { churn: 1e3, steps: 4, churnMin: 0, churnMax: 1e9 });
    const { rows, levels } = makeTrajectory(process);
    expectClose([rows[1]?.noise ?? NaN], [(levels[0]?.sigma ?? NaN) * (1 + MOST_GAMMA)]);
  });

  it('begins partial noising at the level asked for', () => {
    const options: TrajectoryOptions = { start: 'givenData', fromSigma: 1 };
    const { rows, levels } = makeTrajectory(frameworks.edm, options);
    expect(levels[0]?.sigma).toBeLessThanOrEqual(1);
    expect(rows[0]).toMatchObject({ state: 1, network: levels[0]?.sigma });
    expect(() => makeTrajectory(frameworks.edm, { fromSigma: 1e-9 })).toThrow(/no step below/);
  });

  it('keeps flow matching finite at t = 1 and starts others at σ_max', () => {
    const infinite = makeTrajectory(frameworks.flow);
    expect(infinite.levels[0]).toMatchObject({ time: 1, signal: 0, noise: 1 });
    expect(infinite.rows.every((row) => Object.values(row).every(Number.isFinite))).toBe(true);
    for (const name of ['ddim', 'dpmpp2m', 'ddpmLarge', 'ancestral'] as const) {
      const rows = makeTrajectory(withSampler(frameworks.flow, { name, eta: 1 })).rows;
      expect(rows.every((row) => Object.values(row).every(Number.isFinite))).toBe(true);
    }
    const finite = makeTrajectory({ ...frameworks.flow, preconditioning: 'edm' });
    expectClose([finite.levels[0]?.sigma ?? NaN], [80]);
  });

  it('gives the network what training gave it', () => {
    const { rows } = makeTrajectory(frameworks.edm);
    const [, row] = rows;
    const level = levelAt('edm', 80, frameworks.edm.constants);
    const { input } = preconditionings.edm.coefficients(hostArithmetic, level, frameworks.edm.constants);
    expectClose([row?.input ?? NaN, row?.label ?? NaN], [input, 0.25 * Math.log(80)]);
  });
});
