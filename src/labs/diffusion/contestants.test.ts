import { describe, expect, it } from 'vitest';
import { labDefaults } from '../../train/lab';
import { contestants, FEWEST, FIRST_PICKED, toggled } from './contestants';
import { meta } from './meta';
import { samplers } from './process/samplers';

const DEFAULTS = labDefaults(meta);
const all = contestants(DEFAULTS);
const of = (id: string, config = DEFAULTS) => contestants(config).find((c) => c.id === id);

describe('the samplers that are compared', () => {
  it('are all that there are, each once, with names in both languages', () => {
    expect(new Set(all.map((c) => c.request.sampler))).toEqual(new Set(Object.keys(samplers)));
    expect(new Set(all.map((c) => c.id)).size).toBe(all.length);
    expect(new Set(all.map((c) => c.label.zh)).size).toBe(all.length);
    for (const id of FIRST_PICKED) expect(all.map((c) => c.id)).toContain(id);
  });

  it('take η and churn from the controls, and other amounts where these have none', () => {
    expect(of('noisyDdim')?.request.eta).toBe(0.5);
    expect(of('churned')?.request.churn).toBe(40);
    const config = { ...DEFAULTS, eta: 1, churn: 2.5 };
    expect(of('noisyDdim', config)?.request.eta).toBe(1);
    expect(of('churned', config)).toMatchObject({ label: { en: 'Heun, S_churn = 2.5' }, request: { churn: 2.5 } });
    // Those without noise stay without.
    for (const id of ['heun', 'ddim']) expect(of(id, config)?.request).toMatchObject({ eta: 0, churn: 0 });
  });

  it('are picked in their own order, never fewer than make a comparison', () => {
    const two = toggled(['heun'], 'euler', all);
    expect(two).toEqual(['euler', 'heun']);
    expect(two.length).toBe(FEWEST);
    expect(toggled(two, 'euler', all)).toEqual(two);
    const three = toggled(two, 'ralston', all);
    expect(toggled(three, 'heun', all)).toEqual(['euler', 'ralston']);
  });
});
