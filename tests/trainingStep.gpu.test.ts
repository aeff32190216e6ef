import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadImageSet } from '../src/data/load';
import type { Experiment } from '../src/train/experiment';
import { experiment } from '../src/labs/masked-images/experiment';
import { meta } from '../src/labs/masked-images/meta';
import { SHOWN } from '../src/labs/masked-images/views';
import type { Config } from '../src/train/control';
import { labDefaults } from '../src/train/lab';
import { testRuntime } from './helpers/gpu';

const TINY: Config = {
  batch: 8,
  width: 16,
  depth: 4,
  dwidth: 16,
  ddepth: 2,
  heads: 2,
  dheads: 2,
  warmup: 5,
  steps: 100,
};

async function read(path: string): Promise<ArrayBuffer> {
  return Uint8Array.from(await readFile(join(import.meta.dirname, '../public', path))).buffer;
}

async function create(config: Config = {}): Promise<Experiment> {
  const data = await loadImageSet('fashion', read);
  return experiment.create({
    runtime: await testRuntime(),
    config: { ...labDefaults(meta), ...TINY, ...config },
    data,
  });
}

describe('a step of the masked autoencoder', () => {
  it('takes at most 190 dispatches with 4 + 2 blocks', async () => {
    const made = await create();
    expect(made.plan.dispatches.length).toBeLessThanOrEqual(190);
    made.dispose();
  });

  it('lowers the loss, and repeats bit for bit', async () => {
    const rows: Float32Array[] = [];
    for (let run = 0; run < 2; run++) {
      const made = await create();
      made.plan.runMany(40);
      rows.push(await made.readHistory(0, 40));
      made.dispose();
    }
    const [a, b] = rows;
    expect(a).toEqual(b);
    const loss = (step: number) => a?.[step * 3] ?? NaN;
    expect(loss(39)).toBeLessThan(loss(0) * 0.8);
  });

  it('allocates nothing once it runs', async () => {
    const made = await create();
    const { device } = (await testRuntime()).gpu;
    made.plan.runMany(2);
    await made.readHistory(0, 2);
    let created = 0;
    const wrapped = [
      'createBuffer',
      'createBindGroup',
      'createComputePipeline',
      'createComputePipelineAsync',
      'createShaderModule',
    ] as const;
    for (const name of wrapped) {
      const original = device[name].bind(device) as (...args: unknown[]) => unknown;
      Object.defineProperty(device, name, {
        configurable: true,
        value: (...args: unknown[]) => {
          created++;
          return original(...args);
        },
      });
    }
    try {
      for (let k = 0; k < 3; k++) {
        made.plan.run();
        await made.readHistory(k, k + 1);
      }
    } finally {
      for (const name of wrapped) Reflect.deleteProperty(device, name);
    }
    expect(created).toBe(0);
    made.dispose();
  });

  it('keeps weights and optimiser across another mask ratio', async () => {
    const first = await create();
    first.plan.runMany(3);
    const kept = await first.snapshot();
    first.dispose();
    const second = await create({ mask: 0.5 });
    expect(second.restore(kept)).toEqual([]);
    const again = await second.snapshot();
    expect(again.step).toBe(3);
    expect(again.parameters).toEqual(kept.parameters);
    expect(again.secondMoment).toEqual(kept.secondMoment);
    second.plan.run();
    expect((await second.readHistory(3, 4)).every(Number.isFinite)).toBe(true);
    second.dispose();
  });

  it('shows reconstructions, attention, filters and measures held-out images', async () => {
    const made = await create();
    const { pixels } = await made.view('images', {});
    expect(pixels?.shape).toEqual([SHOWN, 1, 28, 28]);
    const hidden = Array.from({ length: SHOWN }, () => Array.from({ length: 49 }, (_, i) => i % 2));
    const { pixels: rebuilt } = await made.view('reconstruction', { hidden });
    expect(Array.from(rebuilt?.data ?? []).every((x) => x >= 0 && x <= 1)).toBe(true);
    const { weights } = await made.view('attention', { image: 0, patch: 3, hidden: hidden[0] });
    const row = Array.from(weights?.data.slice(0, 49) ?? []);
    // The class token takes the rest; hidden patches take nothing.
    expect(row.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(1.00001);
    expect(row.filter((w, i) => i % 2 === 1 && w !== 0)).toEqual([]);
    await expect(made.view('nothing', {})).rejects.toThrow(/view "nothing"/);
    made.dispose();
  });
});
