import { describe, expect, it } from 'vitest';
import { labDefaults, settle } from '../../../train/lab';
import { meta } from '../meta';

const DEFAULTS = labDefaults(meta);
const settled = (change: object) => settle(meta, { ...DEFAULTS, ...change });

describe('rules between the controls', () => {
  it('leave a range of noise that is the framework’s own, so that it comes back with another prediction', () => {
    const { config, problems } = settled({ precond: 'iddpm' });
    expect([config['smin'], config['smax'], problems.length]).toEqual([0, 0, 0]);
  });

  it('cut a range that was chosen, and say so', () => {
    const { config, problems } = settled({ precond: 'iddpm', smin: 0.001 });
    expect(Number(config['smin'])).toBeGreaterThan(0.006);
    // What was not cut stays the framework's.
    expect(config['smax']).toBe(0);
    expect(problems[0]?.message.en).toMatch(/iDDPM’s network knows σ from/);
  });

  it('move σ_min below σ_max, and churn to what the steps allow', () => {
    const range = settled({ smin: 0.8, smax: 0.5 });
    expect(range.config['smin']).toBe(0.0005);
    expect(range.problems[0]?.message.en).toMatch(/must be above 0 and below σ_max \(0.5\)/);
    const churned = settled({ sampler: 'heun', nsteps: 10, churn: 50 });
    expect(Number(churned.config['churn'])).toBeLessThanOrEqual(10 * (Math.SQRT2 - 1));
    expect(churned.problems[0]?.message.en).toMatch(/over √2 − 1/);
  });
});
