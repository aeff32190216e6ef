import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { labDefaults } from '../../train/lab';
import { claims } from './claims';
import { meta } from './meta';
import { startingModel } from './shipped';

const read = async (path: string) => Uint8Array.from(await readFile(`public/${path}`)).buffer;
const defaults = labDefaults(meta);

describe('what a run of the detection lab starts from', () => {
  it('fresh weights, the shipped model, or its backbone alone', async () => {
    expect(await startingModel(defaults, read)).toBeUndefined();
    const whole = await startingModel({ ...defaults, start: 'shipped' }, read);
    expect(whole?.takes).toBeUndefined();
    const trunk = await startingModel({ ...defaults, start: 'backbone', method: 'rfcn', deform: 'v1' }, read);
    expect(trunk?.bytes).toEqual(whole?.bytes);
    const names = [
      'stem.conv.weight',
      'stage3.0.conv2.weight',
      'stage3.0.conv2.offset.weight',
      'head.fc1.weight',
      'rpn.conv.weight',
    ];
    expect(names.filter((name) => trunk?.takes?.(name))).toEqual(names.slice(0, 2));
  });

  it('says which backbones there are where none fits', async () => {
    await expect(startingModel({ ...defaults, start: 'backbone', width: 16 }, read)).rejects.toThrow(
      /no shipped model has this backbone; there is width 8, blocks 1/,
    );
  });

  it('all claims that begin with a backbone have one', async () => {
    const begun = claims.flatMap((c) => c.configs).filter((config) => config['start'] === 'backbone');
    expect(begun.length).toBeGreaterThan(5);
    for (const config of begun) expect((await startingModel(config, read))?.takes).toBeDefined();
  });
});
