import { describe, expect, it } from 'vitest';
import { frameworks, type Process } from './framework';
import { limits, remarks, settleProcess } from './limits';
import { makeTrajectory } from './trajectory';

interface Change {
  readonly sampler?: Partial<Process['sampler']>;
  readonly constants?: Partial<Process['constants']>;
  readonly grid?: Process['grid'];
  readonly preconditioning?: Process['preconditioning'];
}

const edm = ({ sampler, constants, ...rest }: Change): Process => ({
  ...frameworks.edm,
  ...rest,
  sampler: { ...frameworks.edm.sampler, ...sampler },
  constants: { ...frameworks.edm.constants, ...constants },
});

describe('impossible settings', () => {
  it.each(Object.entries(frameworks))('there are none in %s as it stands', (_name, process) => {
    expect(settleProcess(process).problems).toEqual([]);
  });

  it.each([
    { what: 'σ_min over σ_max', change: { constants: { sigmaMin: 90 } }, says: /σ_min \(90\).*set to 0\.08/ },
    { what: 'σ_min 0', change: { constants: { sigmaMin: 0 } }, says: /σ_min \(0\)/ },
    { what: 'σ_max below 0', change: { constants: { sigmaMax: -1 } }, says: /σ_max is -1/ },
    { what: 'σ_data 0', change: { constants: { sigmaData: 0 } }, says: /σ_data is 0/ },
    { what: 'no steps', change: { sampler: { steps: 0 } }, says: /0 steps.*set to 1/ },
    { what: 'steps that are no number', change: { sampler: { steps: NaN } }, says: /NaN steps/ },
    {
      what: 'churn over √2 − 1',
      change: { sampler: { churn: 40 } },
      says: /Churn of 2\.222 per step.*allows, 7\.456/,
    },
    { what: 'churn below 0', change: { sampler: { churn: -1 } }, says: /S_churn is -1/ },
    { what: 'an empty churn range', change: { sampler: { churn: 1, churnMin: 60 } }, says: /S_tmin \(60\)/ },
    { what: 'η over 1', change: { sampler: { name: 'ddim', eta: 2 } }, says: /η is 2.*set to 1/ },
    { what: 'ρ 0', change: { sampler: { rho: 0 } }, says: /ρ is 0.*set to 1/ },
    {
      what: 'more steps than a table has',
      change: { grid: 'ddimQuadratic', sampler: { steps: 1001 } },
      says: /has 1000 levels/,
    },
    { what: 'σ below iDDPM’s table', change: { preconditioning: 'iddpm' }, says: /0\.006425/ },
  ] as const)('$what', ({ change, says }) => {
    const { process, problems } = settleProcess(edm(change));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message.en).toMatch(says);
    expect(problems[0]?.message.zh).toMatch(/\p{Script=Han}/u);
    // Settled once is settled, and can be sampled.
    expect(settleProcess(process).problems).toEqual([]);
    const { rows } = makeTrajectory(process);
    expect(rows.every((row) => Object.values(row).every(Number.isFinite))).toBe(true);
  });

  it('every rule names its settings', () => {
    for (const limit of limits) expect(limit.fields.length).toBeGreaterThan(0);
  });

  it('several at once are all said', () => {
    const bad = edm({ sampler: { steps: 0, churn: 3 }, constants: { sigmaMin: 100 } });
    expect(settleProcess(bad).problems.map((p) => p.fields[0])).toEqual(['sigmaMin', 'steps', 'churn']);
  });

  it('says where a possible combination differs from what one may think', () => {
    expect(remarks(frameworks.flow)).toEqual([]);
    expect(remarks({ ...frameworks.flow, preconditioning: 'edm' })[0]?.en).toMatch(/starts at σ_max = 80/);
    expect(remarks(edm({ sampler: { name: 'ddim', churn: 2 } }))[0]?.en).toMatch(/Churn/);
    expect(remarks(edm({ grid: 'ddimQuadratic', sampler: { steps: 256 } }))[0]?.en).toMatch(/gives \d+ different/);
    expect(remarks(edm({ sampler: { steps: 1 } }))[0]?.en).toMatch(/Euler/);
  });
});
