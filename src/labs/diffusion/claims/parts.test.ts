import { describe, expect, it } from 'vitest';
import { wholeVerdict, type Part } from '../../../train/claimParts';
import { churnParts } from './churn';
import { etaParts } from './eta';
import { coincidence } from './frameworksCoincide';
import { crossing, orderParts } from './orderOfSamplers';
import { preconditioningParts } from './preconditioning';
import { rhoParts } from './rho';
import { flowParts, lengthOverChord, stepsTo, type FlowNumbers } from './straightPaths';

const names = (parts: readonly Part[], verdict: Part['verdict']) =>
  parts.filter((p) => p.verdict === verdict).map((p) => p.name.en);
/** Three seeds that nearly agree. */
const about = (value: number): number[] => [0.999 * value, value, 1.001 * value];

describe('parts of the claims on made-up figures', () => {
  it('ρ: a hundred times better than 1, and near the best', () => {
    const errors = new Map([
      [1, 3.73],
      [3, 0.053],
      [5, 0.019],
      [7, 0.0144],
      [9, 0.0131],
      [15, 0.0119],
    ]);
    const of = (rho: number) => about(errors.get(rho) ?? NaN);
    expect(wholeVerdict(rhoParts(of))).toBe('holds');
    errors.set(15, 0.01);
    expect(names(rhoParts(of), 'fails')).toEqual(['within a quarter of ρ = 15']);
  });

  const orders = { euler: 1, heun: 2.02, dpmpp2m: 2.05 };
  const model = { euler: (n: number) => 0.6 / n, heun: (n: number) => 18 / n ** 2, dpmpp2m: (n: number) => 4 / n ** 2 };

  it('order: 2M from 15 on, Heun past 30, orders as asked', () => {
    const of = (name: keyof typeof model, n: number) => about(model[name](n));
    expect(wholeVerdict(orderParts(of, orders))).toBe('holds');
    const late = (name: keyof typeof model, n: number) => about(name === 'heun' ? 40 / n ** 2 : model[name](n));
    expect(names(orderParts(late, orders), 'fails')).toEqual(['Heun before Euler at 35', 'Heun before Euler at 51']);
    expect(names(orderParts(of, { ...orders, heun: 1.1 }), 'fails')).toEqual(['order of Heun in 1.75…2.5']);
  });

  it('order: the crossing is where both models agree', () => {
    expect(crossing('heun', (name, n) => model[name](n))).toBeCloseTo(30, 0);
  });

  it('η: ordered at few steps, closed at a hundred', () => {
    const gaps = { none: 0, one: 0.2, large: 0.6 };
    const of = (chance: keyof typeof gaps, steps: number) => about(0.02 + gaps[chance] / steps);
    expect(wholeVerdict(etaParts(of, about(0.015)))).toBe('holds');
    expect(names(etaParts(of, about(0.001)), 'fails')).toEqual(['the gap closed at 100 steps']);
  });

  it('preconditioning: ε at much noise, x₀ at little, EDM at neither', () => {
    const of = (prediction: string, sigma: number) =>
      about(prediction === 'epsilon' ? Math.max(0.01, sigma) : prediction === 'x0' && sigma < 0.1 ? 0.05 : 0.01);
    expect(wholeVerdict(preconditioningParts(of))).toBe('holds');
    const worse = (prediction: string, sigma: number) =>
      prediction === 'edm' && sigma === 80 ? about(0.5) : of(prediction, sigma);
    expect(names(preconditioningParts(worse), 'fails')).toEqual(['EDM within 10 times the least at σ = 80']);
  });

  it('churn: repairs one and does not help the other', () => {
    const of = (network: string, amount: number) => about(network === 'epsilon' && amount === 0 ? 0.09 : 0.04);
    expect(wholeVerdict(churnParts(of))).toBe('holds');
    const both = (_network: string, amount: number) => about(amount === 0 ? 0.09 : 0.04);
    expect(names(churnParts(both), 'fails')).toEqual(['churn does not help EDM']);
  });

  it('coincidence: within rounding, or apart', () => {
    const name = { en: 'pair', zh: '对' };
    expect(coincidence(name, { farthest: [0, 1e-6], end: 1e-7 }, true).verdict).toBe('holds');
    expect(coincidence(name, { farthest: [0, 0.2], end: 0.1 }, true).verdict).toBe('fails');
    expect(coincidence(name, { farthest: [0, 0.2], end: 0.1 }, false).verdict).toBe('holds');
    expect(coincidence(name, { farthest: [0, 1e-6], end: 1e-7 }, false).verdict).toBe('fails');
    expect(coincidence(name, { farthest: [], end: NaN }, false).verdict).toBe('undecided');
  });

  it('flow: the part that fails is named', () => {
    const numbers: FlowNumbers = {
      error: (line, steps) => about((line === 'edmGrid' ? 1 : 0.6) / steps),
      bend: (line) => about(line === 'reflow' ? 1.02 : 1.4),
      steps: (line) => about(line === 'plain' ? 8 : 2),
      distance: (line) => about(line === 'plain' ? 0.3 : 0.1),
    };
    expect(wholeVerdict(flowParts(numbers))).toBe('holds');
    const bent = { ...numbers, bend: () => about(1.4) };
    expect(names(flowParts(bent), 'fails')).toEqual(['a reflow straightens them']);
  });
});

describe('measures of paths', () => {
  it('length over chord is 1 of a straight line and √2 of a right angle', () => {
    const line = [0, 1, 2].map((t) => Float32Array.of(t, 2 * t));
    const corner = [Float32Array.of(0, 0), Float32Array.of(1, 0), Float32Array.of(1, 1)];
    expect(lengthOverChord(line)).toBeCloseTo(1);
    expect(lengthOverChord(corner)).toBeCloseTo(Math.SQRT2);
  });

  it('steps needed lie between the counts that surround the threshold', () => {
    expect(stepsTo([1, 2, 4], [1, 0.5, 0.25], 0.5)).toBeCloseTo(2);
    expect(stepsTo([1, 2, 4], [1, 0.4, 0.1], 0.2)).toBeCloseTo(2 * Math.SQRT2);
    expect(stepsTo([1, 2, 4], [0.1, 0.05, 0.02], 0.5)).toBe(1);
    expect(stepsTo([1, 2, 4], [1, 0.9, 0.8], 0.5)).toBeNaN();
  });
});
