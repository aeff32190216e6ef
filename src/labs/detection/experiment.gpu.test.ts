import { describe, expect, it } from 'vitest';
import { testRuntime } from '../../../tests/helpers/gpu';
import { tinySprites } from '../../../tests/helpers/tinySprites';
import type { Config } from '../../train/control';
import type { MeasureProgress } from '../../train/protocol';
import { feedFrom } from '../../train/hostFeed';
import { labDefaults } from '../../train/lab';
import { runSteps } from '../../train/runSteps';
import { composed } from './data/data';
import { createDetector, experiment, type Detector } from './experiment';
import { meta } from './meta';
import { boxesOfSide, compareSides } from './sides';
import * as readers from './views/readers';

const TIMEOUT = 400_000;
const SIZE = 32;
const forever = () => new AbortController().signal;

const TINY: Config = {
  ...labDefaults(meta),
  ...{ size: SIZE, objects: 2, smallest: 0.4, largest: 0.6, width: 8, blocks: 1, k: 3, hidden: 16 },
  ...{
    batch: 2,
    proposals: 8,
    regionbatch: 8,
    testproposals: 10,
    scales: '40',
    ratios: '1',
    lr: 0.003,
    warmup: 0,
    steps: 40,
  },
};
const RFCN: Config = { ...TINY, method: 'rfcn', deform: 'v2', deformed: 1, pspool: 'deformable', ohem: true };
const data = composed(tinySprites(), SIZE);

async function detector(config: Config): Promise<Detector> {
  return createDetector({ runtime: await testRuntime(), config, data });
}

async function losses(made: Detector, from: number, count: number): Promise<number[]> {
  await runSteps(await testRuntime(), made.plan, count, forever(), undefined, feedFrom(made.feed, from));
  const rows = await made.readHistory(from, from + count);
  return Array.from({ length: count }, (_, i) => rows[i * made.columns.length] ?? NaN);
}

describe.each([
  ['Faster R-CNN', TINY],
  ['deformable R-FCN with hard examples', RFCN],
] as const)('%s', (_name, config) => {
  it(
    'trains to the same bits twice and after a break, and learns',
    async () => {
      const first = await detector(config);
      const curve = await losses(first, 0, 3);
      const kept = await first.snapshot();
      curve.push(...(await losses(first, 3, 3)));
      const second = await detector(config);
      expect(await losses(second, 0, 3)).toEqual(curve.slice(0, 3));
      expect(second.restore(kept)).toEqual([]);
      expect(await losses(second, 3, 3)).toEqual(curve.slice(3));
      second.dispose();
      const late = await losses(first, 6, 18);
      const mean = (of: readonly number[]) => of.reduce((a, b) => a + b, 0) / of.length;
      expect(curve.every(Number.isFinite)).toBe(true);
      expect(mean(late.slice(-6))).toBeLessThan(0.8 * mean(curve.slice(0, 2)));
      first.dispose();
    },
    TIMEOUT,
  );
});

describe('views of a detector', () => {
  it(
    'give what their readers describe',
    async () => {
      const made = await detector(RFCN);
      const picture = readers.pictureOf(await made.view('picture', { number: 1 }));
      expect(picture.size).toBe(SIZE);
      expect(picture.truths.length).toBeGreaterThan(0);
      const sprites = readers.spritesOf(await made.view('sprites', {}));
      expect(Array.from(sprites.heldOut)).toEqual([1, 1, 1, 0, 0, 0]);
      const anchors = readers.anchorsOf(await made.view('anchors', { number: 1 }));
      expect(anchors.boxes.length).toBe(anchors.cells ** 2 * anchors.perCell);
      expect(anchors.labels.filter((l) => l === 1).length).toBeGreaterThanOrEqual(1);
      const proposals = readers.proposalsOf(await made.view('proposals', { number: 1 }));
      expect(proposals.scores).toEqual([...proposals.scores].sort((a, b) => b - a));
      const { regions, probabilities } = readers.regionsOf(await made.view('detections', { number: 1 }));
      expect(regions.length).toBeGreaterThan(0);
      expect(probabilities[0]?.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      const truth = picture.truths[0]?.box ?? [0, 0, 8, 8];
      const votes = readers.votesOf(await made.view('votes', { number: 1, label: 0, boxes: [truth, [0, 0, 8, 8]] }));
      expect([votes.k, votes.votes.length, votes.maps.length]).toEqual([3, 2, 9 * votes.cells ** 2]);
      const [vote] = votes.votes;
      expect(vote?.score).toBeCloseTo((vote?.bins.reduce((a, b) => a + b, 0) ?? 0) / 9, 4);
      // Offsets begin at zero: the regular grid.
      const sampling = readers.samplingOf(await made.view('sampling', { number: 1, x: 12, y: 20 }));
      expect(sampling.levels.map((l) => l.length / 2)).toEqual([9, 81, 729]);
      expect(sampling.deformed).toEqual([false, false, true]);
      const offsets = readers.offsetsOf(await made.view('offsets', { number: 1 }));
      expect(Math.max(...offsets.dilation)).toBeCloseTo(1, 5);
      const bins = readers.binsOf(await made.view('bins', { boxes: [truth] }));
      expect(bins.regions[0]?.moved).toEqual(bins.regions[0]?.plain);
      const scores = readers.scoresOf(await made.view('scores', { scenes: 8 }));
      expect(scores.curves50.map((c) => c.length)).toEqual([101, 101, 101]);
      expect(scores.figures['ap50']).toBeGreaterThanOrEqual(0);
      const posed = { photograph: 0, objects: [{ sprite: 0, x: 16, y: 16, extent: 12, rotation: 0, warp: 0 }] };
      const own = readers.pictureOf(await made.view('picture', { posed }));
      expect(own.truths).toEqual([{ label: 0, box: [10, 10, 22, 22] }]);
      await expect(made.view('votes', { label: 7, boxes: [truth] })).rejects.toThrow(/there are 3 classes/);
      await expect(made.view('nothing', {})).rejects.toThrow(/there is none; there are picture/);
      made.dispose();
    },
    TIMEOUT,
  );
});

describe('two detectors side by side', () => {
  it(
    'see the same scenes in the same order as one that is trained alone, and are seen as they learn',
    async () => {
      const STEPS = 8;
      const run = await detector(TINY);
      const snapshot = await run.snapshot();
      run.dispose();
      const seen: MeasureProgress[] = [];
      const { chart, figures } = await compareSides(
        experiment,
        { runtime: await testRuntime(), config: TINY, data, snapshot },
        { what: 'method', scenes: [0, 2], steps: STEPS },
        (progress) => seen.push(progress),
        forever(),
      );
      for (const [i, method] of (['faster', 'rfcn'] as const).entries()) {
        const alone = await detector({ ...TINY, method, steps: STEPS, every: 0 });
        const curve = await losses(alone, 0, STEPS);
        alone.dispose();
        expect(chart.series[i]?.points.map(([, loss]) => loss)).toEqual(curve);
        expect(figures[`${i}.ap50`]).toBeGreaterThanOrEqual(0);
      }
      const half = seen.find(
        ({ figures: known }) => known?.['steps'] === STEPS / 2 && known['1.box.2.0.x1'] !== undefined,
      );
      expect(half && boxesOfSide(half.figures ?? {}, 0, 0).length).toBeGreaterThan(0);
      expect(seen.at(-1)).toMatchObject({ done: 2 * STEPS, total: 2 * STEPS });
    },
    TIMEOUT,
  );
});
