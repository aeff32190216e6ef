// With a moving average of the weights, what is shown, what is measured and what is exported must be one model.
import { describe, expect, it } from 'vitest';
import { readParameters } from '../../models/maeOnnx';
import type { Experiment } from '../../train/experiment';
import { labDefaults } from '../../train/lab';
import { testRuntime } from '../../../tests/helpers/gpu';
import { tinyPictures } from '../../../tests/helpers/tinyPictures';
import { experiment } from './experiment';
import { meta } from './meta';

const CONFIG = {
  ...labDefaults(meta),
  ...{ batch: 8, patch: 4, width: 16, depth: 1, heads: 2, dwidth: 16, ddepth: 1, dheads: 2 },
  ...{ lr: 0.01, warmup: 2, steps: 100, every: 0 },
};
const DATA = tinyPictures();

async function create(ema: number): Promise<Experiment> {
  return experiment.create({ runtime: await testRuntime(), config: { ...CONFIG, ema }, data: DATA });
}

const HALF = [0, 1, 1, 0];
const REQUESTS: readonly (readonly [string, unknown])[] = [
  ['reconstruction', { hidden: Array.from({ length: 6 }, () => HALF) }],
  ['attention', { image: 0, patch: 0, hidden: HALF }],
  ['filters', undefined],
  ['features', undefined],
];

/** Everything the page shows and measures of a run, as lists of numbers. */
async function seen(made: Experiment): Promise<Record<string, unknown>> {
  const views: Record<string, unknown> = { ...(await made.evaluate()) };
  for (const [name, request] of REQUESTS) {
    for (const [part, { data }] of Object.entries(await made.view(name, request))) views[`${name} ${part}`] = [...data];
  }
  return views;
}

describe('a moving average of the weights', () => {
  it('is what the page shows and measures, and what the file holds', async () => {
    const averaged = await create(0.9);
    averaged.plan.runMany(12);
    const shown = await seen(averaged);
    const file = await averaged.exportModel?.({ config: { ...CONFIG, ema: 0.9 }, changes: [] });
    if (!file) throw new Error('the lab exports nothing');
    const { parameters } = await averaged.snapshot();
    averaged.dispose();

    // A run without an average that takes the file's weights shows the same; one that takes the raw weights does not.
    const plain = await create(0);
    const opened = plain.importModel?.(file.bytes);
    if (!opened) throw new Error('the lab opens no files');
    plain.restore(opened);
    expect(await seen(plain)).toEqual(shown);
    plain.restore({ ...opened, parameters });
    const raw = await seen(plain);
    plain.dispose();
    for (const name of ['heldOutLoss', 'reconstruction pixels', 'attention weights', 'filters filters'])
      expect(raw[name], name).not.toEqual(shown[name]);
  });

  it('forgets the starting weights while the run is young, however slow it is', async () => {
    const averaged = await create(0.999);
    const start = (await averaged.snapshot()).parameters.get('decoder.head.weight')?.data ?? [];
    averaged.plan.runMany(30);
    const file = await averaged.exportModel?.({ config: { ...CONFIG, ema: 0.999 }, changes: [] });
    const now = (await averaged.snapshot()).parameters.get('decoder.head.weight')?.data ?? [];
    averaged.dispose();
    const written = readParameters(file?.bytes ?? new Uint8Array()).params.get('decoder.head.weight')?.data ?? [];
    const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Math.hypot(...Array.from(a, (v, i) => v - (b[i] ?? NaN)));
    // At 0.999 from the first step on, 97% of it would still be the starting weights.
    expect(distance(written, now)).toBeLessThan(0.2 * distance(start, now));
  });
});
