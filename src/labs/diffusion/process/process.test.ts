import { describe, expect, it } from 'vitest';
import lossFile from '../../../../tests/golden/diffusion/loss.json';
import pairFile from '../../../../tests/golden/diffusion/pair.json';
import preconditioningFile from '../../../../tests/golden/diffusion/preconditioning.json';
import schedulesFile from '../../../../tests/golden/diffusion/schedules.json';
import { hostArithmetic as host } from './arithmetic';
import { DEFAULT_CONSTANTS } from './constants';
import { frameworks, type FrameworkName } from './framework';
import { gridSigmas, shiftedTime } from './grid';
import { iddpmSigma, iddpmTable } from './iddpmTable';
import { drawSigma, trainingTerms } from './training';
import { fromDenoised, toDenoised, type PredictionName } from './prediction';
import { ddpmCosine, ddpmLinear, levelAt, schedules } from './schedule';
import { expectClose } from '../../../../tests/helpers/closeness';
import { weights } from './weight';

const { golden: schedule } = schedulesFile;
const vp = frameworks.vp.constants;

describe('schedules and grids', () => {
  it.each(schedule.edm)('EDM, $N steps', ({ N, sigma_min, sigma_max, rho, sigmas }) => {
    const c = { ...DEFAULT_CONSTANTS, sigmaMin: sigma_min, sigmaMax: sigma_max };
    expectClose([...gridSigmas('edm', { steps: N, rho, shift: 1 }, c), 0], sigmas);
  });

  it('VP: grid, inverse, and digits kept near t = 0', () => {
    const g = schedule.vp;
    const sigmas = gridSigmas('vpTime', { steps: g.N, rho: 7, shift: 1 }, vp);
    expectClose(sigmas, g.sigma);
    expectClose(
      sigmas.map((s) => schedules.vp.time(host, s, vp)),
      g.t,
    );
    for (const [t, sigma] of Object.entries(g.sigma_probe)) {
      // The golden number at 1e-5 carries the rounding of exp(…) − 1.
      expectClose([schedules.vp.sigma(host, Number(t), vp)], [sigma], 1e-10);
    }
  });

  it('VE', () => {
    const g = schedule.ve;
    const c = { ...DEFAULT_CONSTANTS, sigmaMin: g.sigma_min, sigmaMax: g.sigma_max };
    const sigmas = gridSigmas('geometric', { steps: g.N, rho: 7, shift: 1 }, c);
    expectClose(sigmas, g.sigma);
    expectClose(
      sigmas.map((s) => schedules.ve.time(host, s, c)),
      g.sigma2,
    );
  });

  it('iDDPM: the table, its closed form, and the grid', () => {
    const g = schedule.iddpm;
    expectClose(iddpmTable.slice(0, 3), g.u_first, 1e-10);
    for (const [j = 0, u = 0] of g.u_at) expectClose([iddpmTable[j] ?? NaN], [u], 1e-9);
    const closed = iddpmTable.map((_, j) => iddpmSigma(host, j));
    // The table's recursion loses digits that the closed form keeps.
    closed.forEach((u, j) => expectClose([u], [iddpmTable[j] ?? NaN], 1e-9));
    const [sigmaMin = 0, sigmaMax = 0] = g.range;
    const c = { ...DEFAULT_CONSTANTS, sigmaMin, sigmaMax };
    expect(iddpmTable.filter((u) => u >= sigmaMin && u <= sigmaMax)).toHaveLength(g.kept);
    expectClose(gridSigmas('iddpmTable', { steps: g.N, rho: 7, shift: 1 }, c), g.sigma, 1e-9);
  });

  it('DDPM: linear and cosine', () => {
    const { beta, alphaBar, sigma } = ddpmLinear(1000);
    for (const probe of schedule.ddpm_linear.probe) {
      expectClose(
        [beta[probe.t] ?? NaN, alphaBar[probe.t] ?? NaN, sigma[probe.t] ?? NaN],
        [probe.beta, probe.alpha_bar, probe.sigma],
      );
    }
    const cosine = ddpmCosine(schedule.ddpm_cosine.T);
    expectClose(cosine.beta, schedule.ddpm_cosine.betas);
    expectClose(cosine.alphaBar, schedule.ddpm_cosine.alpha_bar);
  });

  it.each([
    ['ddimUniform', 10, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]],
    // int(numpy.linspace(0, √(0.8 T), S)²), as the DDIM paper's code has it.
    ['ddimQuadratic', 10, [0, 9, 39, 88, 158, 246, 355, 483, 632, 800]],
  ] as const)('%s takes the levels of DDPM that DDIM takes', (grid, steps, visited) => {
    const { sigma } = ddpmLinear();
    const sigmas = gridSigmas(grid, { steps, rho: 7, shift: 1 }, DEFAULT_CONSTANTS);
    expectClose(
      sigmas.reverse(),
      visited.map((t) => sigma[t] ?? NaN),
    );
  });

  it('flow matching: time, scale, shift', () => {
    for (const { sigma, t, scale } of schedule.flow_matching) {
      const level = levelAt('flow', sigma, DEFAULT_CONSTANTS);
      expectClose([level.time, level.signal, level.noise], [t, scale, t]);
      expectClose([schedules.flow.sigma(host, t, DEFAULT_CONSTANTS)], [sigma]);
    }
    for (const { shift, t, shifted } of schedule.flow_shift) expectClose([shiftedTime(t, shift)], [shifted]);
  });

  it('flow matching ends and starts where it says', () => {
    const c = DEFAULT_CONSTANTS;
    expect(gridSigmas('flowTime', { steps: 4, rho: 7, shift: 1 }, c, true)[0]).toBe(Infinity);
    for (const shift of [0.5, 1, 3])
      expectClose([gridSigmas('flowTime', { steps: 4, rho: 7, shift }, c)[0] ?? 0], [c.sigmaMax]);
  });
});

describe('preconditioning', () => {
  const columns: Record<'vp' | 've' | 'iddpm' | 'edm' | 'fm', FrameworkName> = {
    vp: 'vp',
    ve: 've',
    iddpm: 'iddpm',
    edm: 'edm',
    fm: 'flow',
  };
  it.each(preconditioningFile.golden)('at σ = $sigma', (row) => {
    for (const [column, name] of Object.entries(columns) as [keyof typeof columns, FrameworkName][]) {
      const want = row[column];
      const process = frameworks[name];
      const terms = trainingTerms(host, process, row.sigma);
      expectClose(
        [terms.skip, terms.out, terms.input, terms.label, terms.lossWeight],
        [want.c_skip, want.c_out, want.c_in, want.c_noise, want.weight_times_cout2],
      );
      expectClose([weights[process.weight](host, row.sigma, process.constants)], [want.weight]);
    }
  });

  it('the target is what makes D equal x₀, in every parametrisation', () => {
    const [x0, epsilon] = [0.4, -1.2];
    for (const preconditioning of ['vp', 've', 'iddpm', 'edm', 'flow', 'x0', 'v'] as const) {
      for (const sigma of [0.01, 0.3, 2, 70]) {
        const terms = trainingTerms(host, { ...frameworks.edm, preconditioning }, sigma);
        const target = terms.targetData * x0 + terms.targetNoise * epsilon;
        expectClose([terms.skip * (x0 + sigma * epsilon) + terms.out * target], [x0], 1e-11);
      }
    }
  });

  it('EDM with σ_data = 1 is v-prediction, F = −v', () => {
    const constants = { ...DEFAULT_CONSTANTS, sigmaData: 1 };
    for (const sigma of [0.01, 1, 30]) {
      const edm = trainingTerms(host, { ...frameworks.edm, constants }, sigma);
      const v = trainingTerms(host, { ...frameworks.edm, preconditioning: 'v' }, sigma);
      expectClose([edm.skip, edm.out, edm.input, edm.targetData], [v.skip, -v.out, v.input, -v.targetData]);
    }
  });
});

describe('the loss', () => {
  const { inputs, rows } = lossFile.golden;
  it.each(rows)('EDM at σ = $sigma', (row) => {
    const terms = trainingTerms(host, frameworks.edm, row.sigma);
    const noisy = inputs.y.map((y, i) => y + row.sigma * (inputs.unit_noise[i] ?? 0));
    const denoised = noisy.map((x, i) => terms.skip * x + terms.out * (inputs.F[i] ?? 0));
    const target = inputs.y.map((y, i) => terms.targetData * y + terms.targetNoise * (inputs.unit_noise[i] ?? 0));
    const loss = target.map((t, i) => terms.lossWeight * ((inputs.F[i] ?? 0) - t) ** 2);
    expectClose(noisy, row.noisy);
    expectClose(
      noisy.map((x) => terms.input * x),
      row.net_input,
    );
    expectClose([terms.label], [row.c_noise]);
    expectClose(denoised, row.D);
    expectClose(target, row.effective_target);
    expectClose(loss, row.check_F_minus_target_sq);
    expectClose(loss, row.weighted_loss);
  });
});

describe('predictions', () => {
  const { x0, eps, rows } = pairFile.golden;
  it.each(rows)('of one pair at σ = $sigma', (row) => {
    x0.forEach((data, i) => {
      const noise = eps[i] ?? 0;
      const c = DEFAULT_CONSTANTS;
      const at = (name: 'edm' | 'vp' | 'flow') => levelAt(name, row.sigma, c);
      const x = (name: 'edm' | 'vp' | 'flow') => at(name).signal * data + at(name).noise * noise;
      expectClose([x('edm'), x('vp'), x('flow')], [row.ve.x[i] ?? NaN, row.vp.x[i] ?? NaN, row.fm.x[i] ?? NaN]);
      expectClose([at('vp').signal, at('vp').noise, at('flow').time], [row.vp.alpha, row.vp.sigma_vp, row.fm.t]);
      const from = (name: PredictionName, schedule: 'edm' | 'vp' | 'flow') =>
        fromDenoised(host, name, data, x(schedule), at(schedule), c);
      expectClose(
        [from('score', 'edm'), from('score', 'vp')],
        [row.ve.score_target[i] ?? NaN, row.vp.score_target[i] ?? NaN],
      );
      expectClose([from('epsilon', 'edm'), from('v', 'vp')], [row.ve.ode_slope[i] ?? NaN, row.vp.v[i] ?? NaN]);
      expectClose(
        [from('velocity', 'flow'), from('velocity', 'vp')],
        [row.fm.velocity[i] ?? NaN, row.fm.velocity[i] ?? NaN],
      );
      for (const name of ['x0', 'epsilon', 'score', 'v', 'velocity', 'edm'] as const) {
        for (const schedule of ['edm', 'vp', 'flow'] as const) {
          expectClose([toDenoised(host, name, from(name, schedule), x(schedule), at(schedule), c)], [data]);
        }
      }
    });
  });
});

describe('training noise', () => {
  it('log-normal σ is logit-normal t', () => {
    for (const z of [-3, 0, 1.7]) {
      const sigma = drawSigma(host, { ...frameworks.edm, noise: 'logNormal' }, z);
      const t = 1 / (1 + Math.exp(-(-1.2 + 1.2 * z)));
      expectClose([schedules.flow.time(host, sigma, DEFAULT_CONSTANTS)], [t]);
      expect(drawSigma(host, { ...frameworks.edm, noise: 'logitNormal' }, z)).toBe(sigma);
    }
  });

  it('uniform draws grow with u and stay finite at both ends', () => {
    for (const noise of ['uniformTime', 'logUniform', 'vpTime', 'iddpmTable'] as const) {
      const draws = [0, 1e-3, 0.2, 0.5, 0.999, 1 - 2 ** -24].map((u) =>
        drawSigma(host, { ...frameworks.edm, noise }, u),
      );
      expect(draws.every((s) => s > 0 && Number.isFinite(s))).toBe(true);
      expect([...draws].sort((a, b) => a - b)).toEqual(draws);
    }
  });

  it('VP and flow matching draw what their papers say', () => {
    expectClose([drawSigma(host, frameworks.vp, 0.5)], [schedules.vp.sigma(host, 0.500005, vp)]);
    expectClose([drawSigma(host, frameworks.flow, 0.5)], [1]);
    expectClose([drawSigma(host, frameworks.ve, 0.5)], [Math.sqrt(0.02 * 100)]);
    expectClose([drawSigma(host, frameworks.iddpm, 0)], [iddpmTable[999] ?? NaN], 1e-9);
    expectClose([drawSigma(host, frameworks.iddpm, 1 - 2 ** -24)], [iddpmTable[0] ?? NaN], 1e-9);
  });
});
