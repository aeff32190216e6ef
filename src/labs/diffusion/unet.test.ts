// What a network evaluation of the U-Net takes, counted without a GPU.
import { describe, expect, it } from 'vitest';
import { lower } from '../../engine/lower';
import { State } from '../../engine/state';

import { ParameterSet } from '../../nn/parameters';
import { labDefaults, settle } from '../../train/lab';
import { meta } from './meta';
import { groupsOf, unet, type UnetShape } from './unet';
import { leastTraits } from '../../../tests/helpers/leastTraits';

/** The lab's defaults on fashion at its own size. */
const DEFAULT: UnetShape = {
  kind: 'unet',
  channels: 1,
  size: 28,
  width: 16,
  levels: 3,
  blocks: 1,
  attention: true,
  classes: 10,
};

function evaluation(shape: UnetShape, batch: number) {
  const parameters = new ParameterSet(1);
  const x = new State('x', [batch, shape.channels, shape.size, shape.size]).tensor();
  const label = new State('label', [batch]).tensor();
  const labels = new State('labels', [batch], 'u32').tensor();
  const dropped = new State('dropped', [batch]).tensor();
  return { parameters, f: unet(parameters, shape, x, label, 1, { labels, dropped }) };
}

describe('the U-Net', () => {
  it.each(['software', 'gpu'] as const)('takes at most 60 dispatches an evaluation on a %s device', (deviceClass) => {
    for (const size of [16, 28, 32]) {
      const { f } = evaluation({ ...DEFAULT, size }, 64);
      const { dispatches } = lower({ f }, [], leastTraits(deviceClass));
      // A sampler adds three of its own.
      expect(dispatches.length + 3).toBeLessThanOrEqual(60);
    }
  });

  it.each([1, 5, 7, 28, 31])('gives an image of %i pixels its own size', (size) => {
    expect(evaluation({ ...DEFAULT, size, levels: 4 }, 2).f.shape).toEqual([2, 1, size, size]);
  });

  it('normalises over groups of four channels or more, 32 at most', () => {
    for (let channels = 1; channels <= 300; channels++) {
      const groups = groupsOf(channels);
      expect(channels % groups).toBe(0);
      expect(groups).toBeLessThanOrEqual(32);
      expect(channels < 4 || channels / groups >= 4).toBe(true);
    }
    expect([16, 32, 64, 128, 256].map(groupsOf)).toEqual([4, 8, 16, 32, 32]);
  });

  it('has controls of its own, shown only where they apply', () => {
    const shown = (config: Record<string, string>) =>
      meta.controls.filter((c) => !c.shownWhen || c.shownWhen({ ...labDefaults(meta), ...config })).map((c) => c.id);
    const own = ['uwidth', 'ulevels', 'ublocks', 'uattention'];
    const transformer = ['patch', 'dwidth', 'ddepth', 'heads'];
    const of = (config: Record<string, string>) => shown(config).filter((id) => [...own, ...transformer].includes(id));
    expect(of({ data: 'fashion' })).toEqual(transformer);
    expect(of({ data: 'fashion', net: 'unet' })).toEqual(own);
    expect(of({ net: 'unet' })).toEqual([]);
  });

  it('is held by no rule of the transformer', () => {
    const config = { ...labDefaults(meta), data: 'fashion', size: 16, net: 'unet', patch: 7, dwidth: 256, heads: 1 };
    expect(settle(meta, config).problems).toEqual([]);
    const preset = meta.presets.find((p) => p.config['net'] === 'unet');
    expect(settle(meta, { ...labDefaults(meta), ...preset?.config }).problems).toEqual([]);
    expect(preset?.id).toBe('ddpm-unet');
  });
});
