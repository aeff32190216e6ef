import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../../tests/helpers/gpu';
import { splitOf, type LabelledCloud, type ShapeSet } from '../../../data/shapeSet';
import { solids } from '../../../data/solids';
import { cloudOf } from '../../../data/shapeSet';
import { runClaim } from '../../../train/claim';
import type { DataSource } from '../../../train/dataSource';
import type { MeasureProgress } from '../../../train/protocol';
import { claims } from '../claims';
import type { PointData } from '../data/data';
import { criticalPointsOver } from './criticalPoints';
import { orderOver } from './order';
import { accuracyOf, BASE } from './shared';
import { stepCosts } from './stepCosts';
import { trainNetwork } from './trainedNetwork';
import { movedByViewOrder } from './viewOrder';

const source: DataSource = {
  read: (path) => Promise.reject(new Error(`no file is read: ${path}`)),
  ownImages: () => Promise.resolve(undefined),
};
const forever = () => new AbortController().signal;

/** Two shapes of each solid, the same held out as in training. */
function fewSolids(): PointData {
  const all = solids({ points: 256, train: 2, test: 1, seed: 3 });
  const shapes = Array.from({ length: all.train.count }, (_, i): LabelledCloud => ({
    cloud: cloudOf(all.train, i),
    radius: 1,
    label: all.train.labels[i] ?? 0,
  }));
  const set: ShapeSet = { ...all, test: splitOf(shapes) };
  return { set };
}

describe('claims of the point-cloud lab', () => {
  it('critical points: the theorem holds to the bit for a network of two updates', async () => {
    const seen: MeasureProgress[] = [];
    const request = { runtime: await testRuntime(), source, steps: 2 };
    const result = await runClaim(
      [criticalPointsOver([1])],
      'critical-points',
      request,
      (p) => seen.push(p),
      forever(),
    );
    const { figures } = result;
    expect(Object.values(figures).every(Number.isFinite)).toBe(true);
    expect(figures['largestChange']).toBe(0);
    expect(figures['mostCritical']).toBeGreaterThan(8);
    expect(figures['mostCritical']).toBeLessThanOrEqual(figures['bottleneck'] ?? 0);
    expect(figures['criticalAccuracy']).toBe(figures['wholeAccuracy']);
    expect(result.summary.en).toContain('exactly the same logits');
    // One seed is none to judge by.
    expect(result.verdict).toBe('undecided');
    expect(result.summary.zh).toContain('逐位相同');
    expect(seen.every(({ done, total }) => done >= 0 && done <= total)).toBe(true);
  });

  it('order: PointNet stays as it is, the perceptron does not', async () => {
    const request = { runtime: await testRuntime(), source, steps: 3 };
    const { figures } = await runClaim([orderOver([1])], 'order', request, () => undefined, forever());
    expect(Object.values(figures).every(Number.isFinite)).toBe(true);
    expect(figures['pointnetTurned']).toBe(0);
    expect(figures['pointnetChange']).toBeLessThan(1e-5);
    expect(figures['perceptronChange']).toBeGreaterThan(1e-3);
  });

  it('trained networks learn what they are shown, and are judged on distorted clouds', async () => {
    const runtime = await testRuntime();
    const [data, told] = [fewSolids(), [] as number[]];
    const tell = (share: number) => told.push(share);
    const network = await trainNetwork({ runtime, config: BASE, data, steps: 60, tell, signal: forever() });
    const clean = await accuracyOf(network, data);
    const strewn = await accuracyOf(network, data, { outliers: 1 });
    network.dispose();
    expect(clean).toBeGreaterThan(0.6);
    expect(strewn).toBeLessThan(0.4);
    expect(told.at(-1)).toBe(1);
  });

  it('the order of the views moves no logit, and steps are timed in turns', async () => {
    const runtime = await testRuntime();
    const data = fewSolids();
    const config = { ...BASE, method: 'views', points: 32, views: 2, viewsize: 16, batch: 2 };
    const network = await trainNetwork({ runtime, config, data, steps: 2, tell: () => undefined, signal: forever() });
    expect(await movedByViewOrder(runtime, network, data, 1)).toBe(0);
    network.dispose();
    const configs = [32, 64].map((points) => ({ ...BASE, points, batch: 2 }));
    const costs = await stepCosts({ runtime, data, configs, rounds: 2, signal: forever() }, () => undefined);
    expect(costs.map(({ milliseconds }) => milliseconds.length)).toEqual([2, 2]);
    expect((costs[1]?.bytes ?? 0) / (costs[0]?.bytes ?? 1)).toBeGreaterThan(1.5);
  });

  it('stop at the signal', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    const request = { runtime: await testRuntime(), source, steps: 2 };
    await expect(runClaim(claims, 'outliers', request, () => undefined, stop.signal)).rejects.toThrow('stopped');
  });
});
